"""Every error Rundblick raises on purpose, in one tree.

RundblickError
├── UsageError                  the request is wrong; exit 2, actor user
│   ├── ConfigurationError      silos.yaml, policy.yaml or a semantic file
│   ├── ParseError              the SQL does not parse
│   └── BindError               a name or type does not fit the catalog
│       ├── UnknownTable
│       ├── UnknownColumn
│       ├── AmbiguousName
│       ├── UnknownFunction
│       └── TypeMismatch
├── PolicyViolation             refused before any silo is reached; exit 3, actor user
│   ├── NotASelect
│   ├── ForbiddenConstruct
│   ├── ForbiddenTable
│   ├── ForbiddenColumn
│   └── ForbiddenFunction
├── BudgetExceeded              too many rows, bytes or seconds; exit 3, actor user
├── SiloError                   a silo failed; exit 4, actor operator, the silo named
│   ├── SiloUnavailable
│   ├── SiloLoginFailed
│   ├── SiloTimeout
│   ├── SiloCancelled
│   ├── SchemaDrift
│   └── SiloQueryFailed
├── EngineError                 the remainder failed; exit 4, actor operator
│   └── EngineOutOfMemory
├── CatalogError                no catalog, or a broken one; exit 4, actor operator
│   └── CatalogMissing
└── ModelError                  the chat model failed; exit 4, actor operator
    ├── ModelUnavailable
    ├── ModelRefused
    └── ModelReplyInvalid       actor model: worth one repair
"""

from typing import ClassVar, Literal

Actor = Literal["user", "model", "operator"]
ExitCode = Literal[2, 3, 4]


class RundblickError(Exception):
    """An error with a stable code, who can act on it, and what to do next.

    Attributes:
        code: Stable identifier, a heading in docs/errors.md.
        actor: Who can act: the user asking, the model drafting, or the operator.
        exit_code: Exit code of the command line.
        silo: Name of the silo that failed, if one did.
        hint: What to do next, or None.
    """

    code: ClassVar[str] = "error"
    actor: ClassVar[Actor] = "operator"
    exit_code: ClassVar[ExitCode] = 4

    def __init__(self, message: str, *, silo: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.silo = silo
        self.hint = hint


class UsageError(RundblickError):
    """The request cannot be understood as it stands."""

    code = "usage"
    actor = "user"
    exit_code = 2


class ConfigurationError(UsageError):
    """A configuration file is missing, malformed or contradicts itself."""

    code = "configuration"


class ParseError(UsageError):
    """The SQL does not parse."""

    code = "sql_syntax"


class BindError(UsageError):
    """A name or a type in the SQL does not fit the catalog."""

    code = "sql_binding"


class UnknownTable(BindError):
    """No table of this name is in the catalog."""

    code = "unknown_table"


class UnknownColumn(BindError):
    """No column of this name is in the tables at hand."""

    code = "unknown_column"


class AmbiguousName(BindError):
    """More than one table or column fits the name."""

    code = "ambiguous_name"


class UnknownFunction(BindError):
    """The canonical dialect has no such function."""

    code = "unknown_function"


class TypeMismatch(BindError):
    """An operator or function is used with types it does not take."""

    code = "type_mismatch"


class PolicyViolation(RundblickError):
    """The query is refused; nothing has been sent to a silo."""

    code = "policy"
    actor = "user"
    exit_code = 3


class NotASelect(PolicyViolation):
    """The text is not exactly one SELECT."""

    code = "not_a_select"


class ForbiddenConstruct(PolicyViolation):
    """The SELECT holds a construct outside the allow-list, or is too large."""

    code = "forbidden_construct"


class ForbiddenTable(PolicyViolation):
    """The role may not read this table."""

    code = "forbidden_table"


class ForbiddenColumn(PolicyViolation):
    """The role may not read this column."""

    code = "forbidden_column"


class ForbiddenFunction(PolicyViolation):
    """The function is outside the allow-list."""

    code = "forbidden_function"


class BudgetExceeded(RundblickError):
    """The query would move, or has moved, more than its budget allows."""

    code = "budget_exceeded"
    actor = "user"
    exit_code = 3


class SiloError(RundblickError):
    """A silo failed. The silo is named; no connection string is shown."""

    code = "silo"


class SiloUnavailable(SiloError):
    """The silo cannot be reached."""

    code = "silo_unavailable"


class SiloLoginFailed(SiloError):
    """The silo refused the login; it is not tried again."""

    code = "silo_login_failed"


class SiloTimeout(SiloError):
    """The silo did not answer before its deadline."""

    code = "silo_timeout"


class SiloCancelled(SiloError):
    """The statement was cancelled on request."""

    code = "silo_cancelled"


class SchemaDrift(SiloError):
    """A table or column of the catalog is gone from the silo, or has another type."""

    code = "schema_drift"


class SiloQueryFailed(SiloError):
    """The silo answered with an error of another kind."""

    code = "silo_query_failed"


class EngineError(RundblickError):
    """The engine that joins the fragments failed."""

    code = "engine"


class EngineOutOfMemory(EngineError):
    """The remainder needed more memory than its limit."""

    code = "engine_out_of_memory"


class CatalogError(RundblickError):
    """The catalog is broken."""

    code = "catalog"


class CatalogMissing(CatalogError):
    """There is no catalog yet."""

    code = "catalog_missing"


class ModelError(RundblickError):
    """The chat model failed."""

    code = "model"


class ModelUnavailable(ModelError):
    """The chat model cannot be reached, is overloaded or times out."""

    code = "model_unavailable"


class ModelRefused(ModelError):
    """The chat model declined to answer; it is not asked again."""

    code = "model_refused"


class ModelReplyInvalid(ModelError):
    """The chat model's reply is cut, empty or not of the agreed form."""

    code = "model_reply_invalid"
    actor = "model"
