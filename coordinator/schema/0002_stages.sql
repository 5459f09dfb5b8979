-- The link ---------------------------------------------------------------------------------------
-- As TP_LINK_SCHEMA in base/link/outbox.h; a test compares the two.
CREATE TABLE link_outbox (
    peer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    message BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (peer, seq)
);
CREATE TABLE link_mark (
    peer TEXT NOT NULL PRIMARY KEY,
    sent_seq INTEGER NOT NULL,
    acked_seq INTEGER NOT NULL,
    received_seq INTEGER NOT NULL
);

-- Enrolled nodes, one per center. `state` is what was last told; all are down when the process starts.
CREATE TABLE nodes (
    center_id TEXT NOT NULL PRIMARY KEY,
    sign_public BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('up', 'down')),
    since_at INTEGER NOT NULL,
    version TEXT NOT NULL
);

-- One-time codes for enrolment; only the hash is kept. The row stays when used, so that the node's
-- repeated call with the same key gets the same answer.
CREATE TABLE node_codes (
    center_id TEXT NOT NULL PRIMARY KEY,
    code_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    used_by BLOB
);

-- Drawing ----------------------------------------------------------------------------------------
-- One draw per session, ever. `step` is how far tp-draw was led; the id is fixed before the first call.
CREATE TABLE draws (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id),
    draw_id TEXT NOT NULL UNIQUE,
    step TEXT NOT NULL CHECK (step IN ('planned', 'committed', 'started', 'cancelling', 'cancelled')),
    plan TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opens_at INTEGER NOT NULL,
    log_head TEXT,
    view TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    created_at INTEGER NOT NULL
);
CREATE INDEX draws_by_step ON draws (step, next_at);

-- Experts who take leave, until tp-draw has carried on without them.
CREATE TABLE draw_leaves (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    handle TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'done', 'refused')),
    asked_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (session_id, handle)
);
CREATE INDEX draw_leaves_asked ON draw_leaves (session_id) WHERE state = 'asked';

-- How far tp-draw's events were carried out.
CREATE TABLE draw_cursor (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    after_n INTEGER NOT NULL
);
INSERT INTO draw_cursor (one, after_n) VALUES (1, 0);

-- Sealing and push -------------------------------------------------------------------------------
-- One row per version of a session's list. 'sealing': to be fetched from tp-draw.
CREATE TABLE deliveries (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    version INTEGER NOT NULL,
    draw_id TEXT NOT NULL,
    trading_system_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sealing', 'waiting', 'delivered', 'superseded')),
    sealed BLOB,
    list_hash TEXT,
    transcript_hash TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    last_error TEXT,
    receipt BLOB,
    delivered_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (session_id, version)
);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state IN ('sealing', 'waiting');

-- Evaluation -------------------------------------------------------------------------------------
-- Which drawn expert is at which seat. Both keys together: one seat one expert, one expert one seat.
CREATE TABLE seat_experts (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    seat_id TEXT NOT NULL,
    center_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    label TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('expected', 'in')),
    since_at INTEGER NOT NULL,
    PRIMARY KEY (session_id, seat_id),
    UNIQUE (session_id, handle)
);

CREATE TABLE session_views (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id),
    version INTEGER NOT NULL,
    started_at INTEGER NOT NULL
);

-- Watching ---------------------------------------------------------------------------------------
-- Every look at a feed: who, which, from when to when.
CREATE TABLE looks (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    feed_id TEXT NOT NULL,
    center_id TEXT NOT NULL,
    viewer_id TEXT NOT NULL,
    ticket_nonce TEXT NOT NULL UNIQUE,
    from_at INTEGER NOT NULL,
    to_at INTEGER,
    ended_by TEXT
);
CREATE INDEX looks_open ON looks (session_id) WHERE to_at IS NULL;
CREATE INDEX looks_by_user ON looks (user_id, from_at);

-- Matters ----------------------------------------------------------------------------------------
CREATE TABLE matters (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    center_id TEXT NOT NULL,
    feed_id TEXT,
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    raised_at INTEGER NOT NULL,
    raised_by TEXT NOT NULL,
    closed_at INTEGER
);
CREATE INDEX matters_by_session ON matters (session_id, id);

CREATE TABLE matter_replies (
    id TEXT NOT NULL PRIMARY KEY,
    matter_id TEXT NOT NULL REFERENCES matters (id),
    by_user TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX matter_replies_by_matter ON matter_replies (matter_id, id);
