-- The pool: one row per import; draws keep to the one they were committed on.
CREATE TABLE pool (
    number INTEGER NOT NULL PRIMARY KEY,
    expert_count INTEGER NOT NULL,
    root BLOB NOT NULL,
    salt_nonce BLOB NOT NULL,
    imported_at INTEGER NOT NULL
);

-- identity is name, ID number and phone, encrypted under the vault's key.
CREATE TABLE expert (
    pool INTEGER NOT NULL REFERENCES pool (number),
    id TEXT NOT NULL,
    city TEXT NOT NULL,
    specialties TEXT NOT NULL,
    employer TEXT NOT NULL,
    leaf BLOB NOT NULL,
    identity BLOB NOT NULL,
    id_number_mac BLOB NOT NULL,
    phone_mac BLOB NOT NULL,
    PRIMARY KEY (pool, id)
);
CREATE UNIQUE INDEX expert_by_id_number ON expert (pool, id_number_mac);

CREATE TABLE specialty (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT
);

CREATE TABLE draw (
    draw_id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL,
    plan TEXT NOT NULL,
    plan_hash BLOB NOT NULL,
    pool INTEGER NOT NULL REFERENCES pool (number),
    state TEXT NOT NULL CHECK (state IN ('committed', 'inviting', 'complete', 'exhausted',
                                         'cancelled')),
    log_head TEXT,
    round INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    record_count INTEGER NOT NULL,
    record_head BLOB NOT NULL
);
CREATE INDEX draw_under_way ON draw (draw_id) WHERE state = 'inviting';

-- What was done, in order: exact signed texts, each naming the hash of the one before.
CREATE TABLE record (
    draw_id TEXT NOT NULL REFERENCES draw (draw_id),
    n INTEGER NOT NULL,
    text TEXT NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (draw_id, n)
);

CREATE TABLE member (
    handle TEXT NOT NULL PRIMARY KEY,
    draw_id TEXT NOT NULL REFERENCES draw (draw_id),
    n INTEGER NOT NULL,
    expert_id TEXT NOT NULL,
    cell INTEGER NOT NULL,
    round INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('invited', 'accepted', 'declined', 'silent', 'left')),
    label INTEGER,
    invited_at INTEGER NOT NULL,
    deadline_at INTEGER,
    repeats INTEGER NOT NULL,
    phone_mac BLOB NOT NULL,
    id_number_mac BLOB NOT NULL,
    code_mac BLOB,
    UNIQUE (draw_id, n),
    UNIQUE (draw_id, expert_id)
);
CREATE INDEX member_by_phone ON member (phone_mac);
CREATE INDEX member_waiting ON member (deadline_at) WHERE state = 'invited';

-- The outbox to the gateway. text is encrypted and forgotten once the message was taken.
CREATE TABLE message (
    id TEXT NOT NULL PRIMARY KEY,
    n INTEGER NOT NULL UNIQUE,
    handle TEXT NOT NULL REFERENCES member (handle),
    draw_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sms', 'voice')),
    text BLOB,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')),
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL
);
CREATE INDEX message_waiting ON message (next_at) WHERE state = 'waiting';
CREATE INDEX message_by_draw ON message (draw_id, state);

CREATE TABLE event (
    n INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    draw_id TEXT,
    data TEXT NOT NULL
);

-- Logins: nonces seen, and tries per seat and per ID number.
CREATE TABLE login_nonce (
    nonce BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
);
CREATE INDEX login_nonce_by_time ON login_nonce (at);

CREATE TABLE login_guard (
    key BLOB NOT NULL PRIMARY KEY,
    window_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    locks INTEGER NOT NULL,
    locked_until INTEGER NOT NULL
);
