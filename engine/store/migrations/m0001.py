"""The first schema: people, cases with every version of their parts, catalogues, settings, the audit log."""

from __future__ import annotations

from sqlite_utils import Database

_TABLES = (
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE users (
        id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, rut TEXT NOT NULL,
        profession TEXT NOT NULL, registry TEXT NOT NULL, role TEXT NOT NULL, active INTEGER NOT NULL,
        created_at TEXT NOT NULL) STRICT""",
    """CREATE TABLE cases (
        serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL, changed_at TEXT NOT NULL,
        name TEXT NOT NULL, rut TEXT NOT NULL, admitted TEXT NOT NULL, discharged TEXT NOT NULL,
        service TEXT NOT NULL, terms TEXT NOT NULL) STRICT""",
    """CREATE TABLE team (
        case_id TEXT NOT NULL REFERENCES cases (id), user_id TEXT NOT NULL REFERENCES users (id),
        PRIMARY KEY (case_id, user_id)) STRICT""",
    """CREATE TABLE records (
        case_id TEXT NOT NULL REFERENCES cases (id), version INTEGER NOT NULL, source BLOB NOT NULL,
        shape TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users (id),
        PRIMARY KEY (case_id, version)) STRICT""",
    """CREATE TABLE drafts (
        case_id TEXT NOT NULL REFERENCES cases (id), version INTEGER NOT NULL, record_version INTEGER NOT NULL,
        origin TEXT NOT NULL, text TEXT NOT NULL, details TEXT NOT NULL, at TEXT NOT NULL,
        user_id TEXT NOT NULL REFERENCES users (id), PRIMARY KEY (case_id, version),
        FOREIGN KEY (case_id, record_version) REFERENCES records (case_id, version)) STRICT""",
    """CREATE TABLE reports (
        case_id TEXT NOT NULL, draft_version INTEGER NOT NULL, number INTEGER NOT NULL, ok INTEGER NOT NULL,
        report TEXT NOT NULL, program TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (case_id, draft_version, number),
        FOREIGN KEY (case_id, draft_version) REFERENCES drafts (case_id, version)) STRICT""",
    """CREATE TABLE signatures (
        case_id TEXT PRIMARY KEY, draft_version INTEGER NOT NULL, report_number INTEGER NOT NULL,
        digest TEXT NOT NULL, at TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users (id), signer TEXT NOT NULL,
        FOREIGN KEY (case_id, draft_version, report_number)
            REFERENCES reports (case_id, draft_version, number)) STRICT""",
    """CREATE TABLE addenda (
        case_id TEXT NOT NULL REFERENCES signatures (case_id), number INTEGER NOT NULL, text TEXT NOT NULL,
        digest TEXT NOT NULL, at TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users (id), signer TEXT NOT NULL,
        PRIMARY KEY (case_id, number)) STRICT""",
    """CREATE TABLE emergencies (
        entry INTEGER PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases (id),
        user_id TEXT NOT NULL REFERENCES users (id), reason TEXT NOT NULL, at TEXT NOT NULL) STRICT""",
    """CREATE TABLE catalogues (
        name TEXT PRIMARY KEY, version TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL) STRICT""",
    """CREATE TABLE terms (
        id INTEGER PRIMARY KEY, catalogue TEXT NOT NULL REFERENCES catalogues (name) ON DELETE CASCADE,
        code TEXT NOT NULL, name TEXT NOT NULL) STRICT""",
    "CREATE INDEX terms_by_code ON terms (catalogue, code)",
    """CREATE TABLE audit (
        n INTEGER PRIMARY KEY, at TEXT NOT NULL, user_id TEXT NOT NULL, act TEXT NOT NULL, case_id TEXT NOT NULL,
        detail TEXT NOT NULL, program TEXT NOT NULL, mac BLOB NOT NULL) STRICT""",
    "CREATE INDEX audit_by_case ON audit (case_id)",
    "CREATE TABLE purging (case_id TEXT PRIMARY KEY) STRICT",
)
_SEARCH = (
    """CREATE VIRTUAL TABLE search USING fts5 (
        name, rut, terms, team, content = '', contentless_delete = 1, prefix = '2 3 4',
        tokenize = 'unicode61 remove_diacritics 2')""",
    """CREATE VIRTUAL TABLE terms_search USING fts5 (
        code, name, content = 'terms', content_rowid = 'id', prefix = '2 3 4',
        tokenize = 'unicode61 remove_diacritics 2')""",
)
# What was written of a case stays as it was written; only a purge, which names its case, takes it away.
_KEPT = ("records", "drafts", "reports", "signatures", "addenda", "emergencies")
_UNCHANGED = "CREATE TRIGGER {0}_unchanged BEFORE UPDATE ON {0} BEGIN SELECT RAISE(ABORT, 'append-only'); END"
_PURGED = """CREATE TRIGGER {0}_kept BEFORE DELETE ON {0} WHEN OLD.case_id NOT IN (SELECT case_id FROM purging)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END"""
_NEVER = "CREATE TRIGGER {0}_kept BEFORE DELETE ON {0} BEGIN SELECT RAISE(ABORT, 'append-only'); END"


def apply(db: Database) -> None:
    for statement in (*_TABLES, *_SEARCH):
        db.execute(statement)
    for table in _KEPT:
        db.execute(_UNCHANGED.format(table))
        db.execute(_PURGED.format(table))
    db.execute(_UNCHANGED.format("audit"))
    db.execute(_NEVER.format("audit"))
