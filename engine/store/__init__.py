"""The encrypted history: cases with every version of their parts, people, settings and the audit log.

Nothing else of the program opens the database (`connection`); nothing is read or written of it but by `Session.act`.
"""

import sys

import sqlcipher3  # type: ignore[import-untyped]  # a compiled module without stubs
import sqlcipher3.dbapi2  # type: ignore[import-untyped]  # as above

# Here, because it must come before anything of this package imports sqlite_utils: that asks for pysqlite3 first, and
# on the standard library it would write plain text in silence and raise other exception classes.
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = sqlcipher3.dbapi2
