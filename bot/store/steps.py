"""The tables, step by step, for every database. How they are made is in ``schema.py``.

Names, columns and indexes are the same everywhere. Only two words differ: how a row gets its id
(never used twice, since a button carries one: ``AUTOINCREMENT``) and ``STRICT``. Text is never
NULL: an empty string says "not yet". Times are ISO 8601, so that text order is time order.

A step, once released, is never changed; the next one gets the next number. Two versions of the
program may run side by side, so a step adds first and takes away a release later.
"""

from __future__ import annotations

from bot.store import audit, desk, homes, lanes, marks

_TABLES = """
CREATE TABLE conversations (
    id {serial},
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    chat TEXT NOT NULL,
    thread TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (channel, person)
) {strict};

CREATE TABLE events (
    id {serial},
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL DEFAULT 'turn' CHECK (kind IN ('turn', 'update')),
    conversation INTEGER REFERENCES conversations (id),
    body TEXT NOT NULL,
    platform_at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    error TEXT NOT NULL DEFAULT '',
    erased INTEGER NOT NULL DEFAULT 0
) {strict};
CREATE INDEX events_of_conversation ON events (conversation);
CREATE INDEX events_failed ON events (id) WHERE error <> '';

CREATE TABLE outbox (
    id {serial},
    channel TEXT NOT NULL,
    chat TEXT NOT NULL,
    thread TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('send', 'delete')),
    body TEXT NOT NULL,
    choices TEXT NOT NULL,
    prompt INTEGER NOT NULL,
    case_kind TEXT NOT NULL,
    case_id TEXT NOT NULL,
    conversation INTEGER REFERENCES conversations (id),
    event INTEGER,
    created_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sent', 'dead', 'superseded', 'erased')),
    attempts INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    settled_at TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    superseded_by INTEGER
) {strict};
CREATE INDEX outbox_of_conversation ON outbox (conversation);
CREATE INDEX outbox_waiting ON outbox (id) WHERE state = 'waiting';
CREATE INDEX outbox_waiting_of_chat ON outbox (channel, chat, due_at) WHERE state = 'waiting';
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';
CREATE INDEX outbox_cases ON outbox (channel, chat, message) WHERE case_kind <> '';

CREATE TABLE escalations (
    id {serial},
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    kind TEXT NOT NULL,
    question TEXT NOT NULL,
    path TEXT NOT NULL,
    reference TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    answered_at TEXT NOT NULL DEFAULT '',
    answered_by TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX escalations_of_conversation ON escalations (conversation);
CREATE INDEX escalations_waiting ON escalations (id) WHERE answered_at = '';

CREATE TABLE records (
    reference TEXT PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    number INTEGER NOT NULL,
    submitted_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'submitted',
    changed_at TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (conversation, number)
) {strict};
CREATE INDEX records_in_order ON records (submitted_at, reference);
CREATE INDEX records_submitted ON records (submitted_at, reference) WHERE state = 'submitted';

CREATE TABLE dues (
    id {serial},
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    kind TEXT NOT NULL,
    due_at TEXT NOT NULL,
    UNIQUE (conversation, kind)
) {strict};
CREATE INDEX dues_in_order ON dues (due_at);

CREATE TABLE notices (
    channel TEXT NOT NULL,
    chat TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (channel, chat, words)
) {strict};

CREATE TABLE tombstones (
    id {serial},
    conversation INTEGER NOT NULL,
    reference TEXT NOT NULL,
    erased_at TEXT NOT NULL,
    erased_by TEXT NOT NULL
) {strict};
CREATE INDEX tombstones_of_reference ON tombstones (reference);

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) {strict};
"""

_TOLD = """
CREATE TABLE told (
    id {serial},
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    article TEXT NOT NULL,
    language TEXT NOT NULL,
    version TEXT NOT NULL,
    substance TEXT NOT NULL,
    at TEXT NOT NULL,
    event INTEGER NOT NULL
) {strict};
CREATE INDEX told_of_conversation ON told (conversation, article);
CREATE INDEX told_of_article ON told (article, language, substance);

CREATE TABLE articles_seen (
    article TEXT NOT NULL,
    language TEXT NOT NULL,
    version TEXT NOT NULL,
    substance TEXT NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    passage TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    in_force_since TEXT NOT NULL DEFAULT '',
    announced_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (article, language, version, substance)
) {strict};
CREATE INDEX articles_in_force ON articles_seen (article, language) WHERE in_force_since <> '';
"""

_CANDIDATES = """
CREATE TABLE candidates (
    id {serial},
    kind TEXT NOT NULL CHECK (kind IN ('answer', 'not_covered')),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'dismissed')),
    language TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    title TEXT NOT NULL,
    button TEXT NOT NULL,
    section TEXT NOT NULL,
    facts TEXT NOT NULL,
    article TEXT NOT NULL,
    worded INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    made_by TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_role TEXT NOT NULL
) {strict};
CREATE INDEX candidates_in_state ON candidates (state, id);

CREATE TABLE candidate_sources (
    candidate INTEGER NOT NULL REFERENCES candidates (id),
    escalation INTEGER NOT NULL REFERENCES escalations (id),
    origin INTEGER NOT NULL,
    PRIMARY KEY (candidate, escalation)
) {strict};
CREATE INDEX candidate_sources_of_escalation ON candidate_sources (escalation);
"""

_TALLIES = """
CREATE TABLE tallies (
    day TEXT NOT NULL,
    field TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    language TEXT NOT NULL,
    channel TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, field, what, detail, bucket, language, channel)
) {strict};

CREATE TABLE untallied (
    conversation INTEGER PRIMARY KEY REFERENCES conversations (id)
) {strict};
INSERT INTO untallied (conversation) SELECT id FROM conversations WHERE state <> '';
"""

_DELIVERIES = """
CREATE TABLE deliveries (
    id {serial},
    sink TEXT NOT NULL,
    reference TEXT NOT NULL,
    event TEXT NOT NULL,
    version INTEGER NOT NULL,
    occasion INTEGER NOT NULL,
    happened_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'held', 'sent', 'dead')),
    begun INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    settled_at TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    UNIQUE (sink, reference, event, occasion)
) {strict};
CREATE INDEX deliveries_of_reference ON deliveries (reference, sink);
CREATE INDEX deliveries_waiting ON deliveries (id) WHERE state = 'waiting';
CREATE INDEX deliveries_stuck ON deliveries (id) WHERE state IN ('dead', 'held');
"""

# A record that has no row here was never touched by staff: it is "submitted", at version 1, and
# its only version is the record itself. ``records.state`` stays what it was: "submitted" as long
# as staff have it, else how it ended; ``reviews.stage`` says more while they have it.
_REVIEWS = """
CREATE TABLE reviews (
    reference TEXT PRIMARY KEY REFERENCES records (reference),
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    stage TEXT NOT NULL,
    since TEXT NOT NULL,
    acted_by TEXT NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until TEXT NOT NULL,
    version INTEGER NOT NULL
) {strict};
CREATE INDEX reviews_of_conversation ON reviews (conversation);

CREATE TABLE requests (
    id {serial},
    reference TEXT NOT NULL REFERENCES records (reference),
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    version INTEGER NOT NULL,
    asked TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    asked_by TEXT NOT NULL
) {strict};
CREATE INDEX requests_of_record ON requests (reference);
CREATE INDEX requests_of_conversation ON requests (conversation);

CREATE TABLE versions (
    reference TEXT NOT NULL REFERENCES records (reference),
    number INTEGER NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    body TEXT NOT NULL,
    submitted_at TEXT NOT NULL,
    request INTEGER REFERENCES requests (id),
    PRIMARY KEY (reference, number)
) {strict};
CREATE INDEX versions_of_conversation ON versions (conversation);

CREATE TABLE decisions (
    reference TEXT PRIMARY KEY REFERENCES records (reference),
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    verdict TEXT NOT NULL CHECK (verdict IN ('approved', 'declined')),
    message TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    decided_by TEXT NOT NULL
) {strict};
CREATE INDEX decisions_of_conversation ON decisions (conversation);
"""


# Staff by their ids, and what one of them is writing to an applicant and has not sent.
_DESK = """
CREATE TABLE colleagues (
    person TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    seen_at TEXT NOT NULL
) {strict};

CREATE TABLE request_drafts (
    reference TEXT PRIMARY KEY REFERENCES records (reference),
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    version INTEGER NOT NULL,
    drafted_by TEXT NOT NULL,
    asked TEXT NOT NULL
) {strict};
CREATE INDEX request_drafts_of_conversation ON request_drafts (conversation);

CREATE INDEX outbox_records ON outbox (case_id, id) WHERE case_kind = 'record';
CREATE INDEX versions_of_request ON versions (request) WHERE request IS NOT NULL;
"""

TEXTS = {
    "0001": _TABLES,
    "0002": _CANDIDATES,
    "0003": _TOLD,
    "0004": _REVIEWS,
    "0005": _DELIVERIES,
    "0006": _TALLIES,
    "0007": audit.TABLES + marks.TABLES + homes.TABLES,
    "0008": desk.TABLES,
    "0009": _DESK,
    "0010": lanes.TABLES,
}
"""what each step makes, on every database"""
