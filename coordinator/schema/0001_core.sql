-- People and logins -----------------------------------------------------------------------------
CREATE TABLE agencies (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    display TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('agency', 'staff', 'regulator', 'operator')),
    center_id TEXT,
    agency_code TEXT,
    unit TEXT,
    phone TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'refused', 'closed')),
    created_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    decision_reason TEXT
);
CREATE INDEX users_by_center ON users (center_id) WHERE center_id IS NOT NULL;
CREATE INDEX users_by_agency ON users (agency_code) WHERE agency_code IS NOT NULL;
CREATE INDEX users_waiting ON users (created_at) WHERE state = 'waiting';

-- token_hash is the hash of the cookie's token: a stolen database opens no login.
CREATE TABLE logins (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX logins_by_user ON logins (user_id);
CREATE INDEX logins_by_expiry ON logins (expires_at);

-- What a POST with an Idempotency-Key made, so that a second one gets the same answer.
CREATE TABLE idempotency (
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    made_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Nonces of signed requests (docs/interfaces.md, 3), kept as long as their time could still be accepted.
CREATE TABLE request_nonces (
    sender TEXT NOT NULL,
    nonce TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (sender, nonce)
);
CREATE INDEX request_nonces_by_age ON request_nonces (seen_at);

-- The province ----------------------------------------------------------------------------------
CREATE TABLE centers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    city TEXT NOT NULL,
    district TEXT NOT NULL,
    longitude TEXT NOT NULL,
    latitude TEXT NOT NULL,
    position INTEGER NOT NULL
);

CREATE TABLE rooms (
    id TEXT NOT NULL PRIMARY KEY,
    center_id TEXT NOT NULL REFERENCES centers (id),
    name TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX rooms_by_center ON rooms (center_id, position);

CREATE TABLE seats (
    id TEXT NOT NULL PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id),
    center_id TEXT NOT NULL REFERENCES centers (id),
    name TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX seats_by_center ON seats (center_id, room_id, position);

-- Lots and sessions -----------------------------------------------------------------------------
CREATE TABLE lots (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    project_code TEXT NOT NULL,
    industry TEXT NOT NULL,
    agency_code TEXT NOT NULL,
    trading_system_id TEXT NOT NULL,
    bid_deadline_at INTEGER NOT NULL,
    remote INTEGER NOT NULL,
    session_id TEXT,
    source TEXT NOT NULL CHECK (source IN ('hand', 'trading')),
    created_at INTEGER NOT NULL
);
CREATE INDEX lots_by_agency ON lots (agency_code, id);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    lot_id TEXT NOT NULL REFERENCES lots (id),
    agency_code TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    choice TEXT NOT NULL CHECK (choice IN ('lot', 'pick')),
    hold_until_at INTEGER,
    lot_record TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL
);
CREATE INDEX sessions_by_agency ON sessions (agency_code, id);
CREATE INDEX sessions_by_state ON sessions (state, id);
CREATE INDEX sessions_by_lot ON sessions (lot_id);
CREATE INDEX sessions_by_hold ON sessions (hold_until_at) WHERE hold_until_at IS NOT NULL;

-- position 0 is the main venue. center_name is the name as it was at the request: renaming a
-- center later changes no history.
CREATE TABLE session_venues (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    position INTEGER NOT NULL,
    center_id TEXT NOT NULL,
    center_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'confirmed', 'refused')),
    refusal TEXT,
    representatives INTEGER NOT NULL,
    PRIMARY KEY (session_id, position)
) WITHOUT ROWID;
CREATE INDEX session_venues_by_center ON session_venues (center_id, session_id);

-- What each venue must have: so many experts of a specialty.
CREATE TABLE session_experts (
    session_id TEXT NOT NULL,
    venue_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    specialty TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (session_id, venue_position, position)
) WITHOUT ROWID;

-- The seats of a venue in order; names as they were.
CREATE TABLE session_seats (
    session_id TEXT NOT NULL,
    venue_position INTEGER NOT NULL,
    position INTEGER NOT NULL,
    seat_id TEXT NOT NULL,
    seat_name TEXT NOT NULL,
    room_id TEXT NOT NULL,
    PRIMARY KEY (session_id, venue_position, position)
) WITHOUT ROWID;
CREATE INDEX session_seats_by_seat ON session_seats (seat_id, session_id);

-- One row is one seat in one slot (slot = start of the slot / length of a slot). The key is why a
-- double booking cannot be written.
CREATE TABLE bookings (
    seat_id TEXT NOT NULL,
    slot INTEGER NOT NULL,
    session_id TEXT NOT NULL,
    PRIMARY KEY (seat_id, slot)
) WITHOUT ROWID;

-- To-dos and messages ---------------------------------------------------------------------------
CREATE TABLE todos (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    session_id TEXT,
    subject_id TEXT,
    title TEXT NOT NULL,
    center_id TEXT,
    agency_code TEXT,
    role TEXT,
    user_id TEXT,
    created_at INTEGER NOT NULL,
    done_at INTEGER
);
CREATE INDEX todos_by_session ON todos (session_id, kind);
CREATE INDEX todos_by_subject ON todos (subject_id, kind) WHERE subject_id IS NOT NULL;
CREATE INDEX todos_by_center ON todos (center_id, id) WHERE center_id IS NOT NULL;
CREATE INDEX todos_by_agency ON todos (agency_code, id) WHERE agency_code IS NOT NULL;
CREATE INDEX todos_by_role ON todos (role, id) WHERE role IS NOT NULL;
CREATE INDEX todos_by_user ON todos (user_id, id) WHERE user_id IS NOT NULL;

-- SMS to staff, until the gateway has taken them.
CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up')),
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    sent_at INTEGER
);
CREATE INDEX notices_waiting ON notices (next_at) WHERE state = 'waiting';

-- The log ---------------------------------------------------------------------------------------
CREATE TABLE record (
    n INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    session_id TEXT,
    data TEXT NOT NULL,
    hash BLOB NOT NULL
);
CREATE INDEX record_by_session ON record (session_id, n) WHERE session_id IS NOT NULL;
