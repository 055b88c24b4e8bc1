PRAGMA application_id = 1380406341;
PRAGMA user_version = 5;

CREATE TABLE approval_changes (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      last INTEGER NOT NULL
    ) STRICT;
INSERT INTO "approval_changes" VALUES(1,5);
CREATE TABLE approval_deliveries (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      door TEXT NOT NULL,
      approval_id TEXT NOT NULL,
      happening TEXT NOT NULL,
      happened_at TEXT NOT NULL,
      due_at INTEGER NOT NULL,
      tries INTEGER NOT NULL CHECK (tries >= 0)
    ) STRICT;
CREATE TABLE approval_doors (
      door TEXT PRIMARY KEY,
      told INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
INSERT INTO "approval_doors" VALUES('webhook:x',4);
CREATE TABLE approval_happenings (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      approval_id TEXT NOT NULL,
      happening TEXT NOT NULL,
      at TEXT NOT NULL
    ) STRICT;
INSERT INTO "approval_happenings" VALUES(1,'apr_1','requested','2026-11-24T02:13:54.539Z');
INSERT INTO "approval_happenings" VALUES(2,'apr_2','requested','2026-11-24T02:13:54.587Z');
INSERT INTO "approval_happenings" VALUES(3,'apr_3','requested','2026-11-24T02:13:54.595Z');
INSERT INTO "approval_happenings" VALUES(4,'apr_3','denied','2026-11-24T02:13:54.597Z');
CREATE TABLE approvals (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      change INTEGER NOT NULL UNIQUE,
      state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'expired', 'spent')),
      scope TEXT NOT NULL,
      principal_id TEXT NOT NULL,
      requested_at TEXT NOT NULL,
      expires_at TEXT NOT NULL,
      escalates_at TEXT,
      spent_at TEXT CHECK ((spent_at IS NOT NULL) = (state = 'spent')),
      uses INTEGER NOT NULL CHECK (uses >= 0),
      question TEXT NOT NULL,
      answer TEXT NOT NULL
    ) STRICT;
INSERT INTO "approvals" VALUES(1,'apr_1',1,'pending','sha256:0f6003c90ea5b1548f8b9e1a5d5e3753fe064e984ec7b299562637560b08582d','agent','2026-01-01T00:00:00.000Z','2026-01-08T00:00:00.000Z',NULL,NULL,0,'{"call":{"principalId":"agent","upstream":"payments","method":"tools/call","tool":{"name":"refund","digest":"sha256:1"},"argumentsDigest":"sha256:c2b11e657e12fd177359627ca89412018e2274d0873cfbfcf1fc50f685582e9e","digest":"sha256:0f6003c90ea5b1548f8b9e1a5d5e3753fe064e984ec7b299562637560b08582d"},"requester":{"id":"agent","issuer":"https://issuer.test","subject":"agent","client_id":"agent","kind":"oidc","groups":[],"roles":[],"scopes":[],"claims":{},"binding":"none"},"revision":{"bundle":"default","revision":"r1","digest":"sha256:7"},"requirement":{"all_of":[{"groups":["oncall"],"quorum":2}],"ttl_seconds":604800},"shown":{"tool":"refund","arguments":"{\"amount\":1.00}","reasons":[{"policy":"payments","code":"over_limit","message":"needs a human"}]}}','{"votes":[],"seal":"a.b.c"}');
INSERT INTO "approvals" VALUES(2,'apr_2',3,'pending','sha256:76ba5b33adf618929f0d79269e8122874ea04059ba84d6f6236e0a90e8b4ac4b','agent','2026-01-01T00:00:00.000Z','2026-01-08T00:00:00.000Z',NULL,NULL,0,'{"call":{"principalId":"agent","upstream":"payments","method":"tools/call","tool":{"name":"refund","digest":"sha256:1"},"argumentsDigest":"sha256:a2879a37ea1e0b8938f44d782c2ff3887f30554da489efc8634d658a95a1094d","digest":"sha256:76ba5b33adf618929f0d79269e8122874ea04059ba84d6f6236e0a90e8b4ac4b"},"requester":{"id":"agent","issuer":"https://issuer.test","subject":"agent","client_id":"agent","kind":"oidc","groups":[],"roles":[],"scopes":[],"claims":{},"binding":"none"},"revision":{"bundle":"default","revision":"r1","digest":"sha256:7"},"requirement":{"all_of":[{"groups":["oncall"],"quorum":2}],"ttl_seconds":604800},"shown":{"tool":"refund","arguments":"{\"amount\":2.00}","reasons":[{"policy":"payments","code":"over_limit","message":"needs a human"}]}}','{"votes":[{"voter":"ann","groups":["oncall"],"verdict":"approve","note":"fine\u0000","votedAt":"2026-01-01T00:00:00.000Z"}],"seal":"a.b.c"}');
INSERT INTO "approvals" VALUES(3,'apr_3',5,'denied','sha256:85e3d2f74ad305018b8cf8b9f6f77b0b1fe46381ed1fb56c7fdbc11d35378cd4','agent','2026-01-01T00:00:00.000Z','2026-01-08T00:00:00.000Z',NULL,NULL,0,'{"call":{"principalId":"agent","upstream":"payments","method":"resources/read","argumentsDigest":"sha256:6d47010e407ddba47d8460e9c3984e515309fd15eaf15d2505e76cbd213df915","digest":"sha256:85e3d2f74ad305018b8cf8b9f6f77b0b1fe46381ed1fb56c7fdbc11d35378cd4"},"requester":{"id":"agent","issuer":"https://issuer.test","subject":"agent","client_id":"agent","kind":"oidc","groups":[],"roles":[],"scopes":[],"claims":{},"binding":"none"},"revision":{"bundle":"default","revision":"r1","digest":"sha256:7"},"requirement":{"all_of":[{"groups":["oncall"],"quorum":2}],"ttl_seconds":604800},"shown":{"arguments":"{\"amount\":3.00}","reasons":[{"policy":"payments","code":"over_limit","message":"needs a human"}]}}','{"votes":[{"voter":"ann","groups":["oncall"],"verdict":"deny","note":"no","votedAt":"2026-01-01T00:00:00.000Z"}],"seal":"a.b.c"}');
CREATE TABLE audit_events (
      sequence INTEGER PRIMARY KEY,
      time TEXT NOT NULL,
      event TEXT NOT NULL
    ) STRICT;
CREATE TABLE slack_messages (
      channel TEXT NOT NULL,
      approval_id TEXT NOT NULL,
      ts TEXT NOT NULL,
      PRIMARY KEY (channel, approval_id)
    ) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_events_stay BEFORE DELETE ON audit_events
      BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END;
CREATE TRIGGER audit_events_stand BEFORE UPDATE ON audit_events
      BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
CREATE UNIQUE INDEX approvals_one_pending ON approvals (scope) WHERE state = 'pending';
CREATE INDEX approvals_by_scope ON approvals (scope, number);
CREATE INDEX approvals_by_state ON approvals (state, expires_at);
CREATE INDEX approvals_by_principal ON approvals (principal_id, number);
CREATE INDEX approvals_by_escalation ON approvals (escalates_at)
      WHERE state = 'pending' AND escalates_at IS NOT NULL;
CREATE INDEX audit_events_by_principal ON audit_events (json_extract(event, '$.principal.id'))
      WHERE json_extract(event, '$.principal.id') IS NOT NULL;
CREATE INDEX approval_happenings_by_approval ON approval_happenings (approval_id);
CREATE TRIGGER approval_happenings_bounded AFTER INSERT ON approval_happenings
      BEGIN DELETE FROM approval_happenings WHERE number <= NEW.number - 100000; END;
CREATE INDEX approval_deliveries_by_due ON approval_deliveries (door, due_at);
CREATE INDEX approval_deliveries_by_approval ON approval_deliveries (approval_id);
CREATE TRIGGER approvals_requested AFTER INSERT ON approvals
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, 'requested', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END;
CREATE TRIGGER approvals_became AFTER UPDATE OF state ON approvals WHEN NEW.state <> OLD.state
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, NEW.state, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END;
CREATE TRIGGER approvals_escalated AFTER UPDATE OF escalates_at ON approvals
      WHEN NEW.state = 'pending' AND OLD.escalates_at IS NOT NULL AND NEW.escalates_at IS NOT OLD.escalates_at
      BEGIN INSERT INTO approval_happenings (approval_id, happening, at)
        VALUES (NEW.id, 'escalated', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')); END;
CREATE TRIGGER approvals_withdrawn AFTER DELETE ON approvals
      BEGIN
        DELETE FROM approval_happenings WHERE approval_id = OLD.id;
        DELETE FROM approval_deliveries WHERE approval_id = OLD.id;
      END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('approval_happenings',4);

INSERT INTO approval_deliveries VALUES (1, 'msg_1', 'webhook:x', 'apr_3', 'denied', '2026-01-01T00:00:00.000Z', 5, 1);
