"""Queries that almost every page asks and rows that every payment writes: their SQL is written once, then only filled in.

Writing the SQL of a small query takes Django several times as long as PostgreSQL takes to answer it
(ADR 0011). Only where it is asked for every page or every payment does that weigh; elsewhere, ask as usual.
"""

# ruff: noqa: S608, SLF001, ANN401 tables and columns are Django's own names; it shows what it knows under _names; rows are of any kind

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, update_wrapper
from typing import Any, Final, Generic, TypeAlias, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model, QuerySet
from django.db.models.expressions import DatabaseDefault, RawSQL
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)

from abonde.core.postgresql.asking import ask, tell

Row = TypeVar("Row")

_Fields: TypeAlias = "tuple[Field[Any, Any], ...]"

_MARKS: Final[dict[type, Callable[[int], Any]]] = {
    int: lambda place: 1_930_071_701 + place,
    str: lambda place: f"prepared-{place}-7hf2k9",
    UUID: lambda place: UUID(int=0xA7C1_0000_7000_8000_0000_0000_0000_0000 + place),
    list: lambda place: [f"prepared-{place}-7hf2k9"],
    datetime: lambda place: datetime(1907, 7, 7, tzinfo=UTC) + timedelta(microseconds=place),
}
"""A value for each parameter that the SQL is written with, and is found by again."""


def prepared(build: Callable[..., QuerySet[Any, Row]]) -> Prepared[Row]:
    """Make a function that builds a query set of its parameters into a query whose SQL is written once.

    What the function does must depend on nothing else; each parameter must be a value that goes into the SQL, never None,
    which would change the SQL itself; a list goes in by `any_of`. Limits are part of the SQL; nothing can be prefetched.
    """
    return Prepared(build)


def any_of(values: list[Any], kind: str) -> RawSQL:
    """What follows `__in` where the values are a parameter: an array of this kind (such as "bigint"), however long it is."""
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [values])  # noqa: S611 the kind stands in the code


class Prepared(Generic[Row]):
    """A query whose SQL is known: called with the values of its parameters, it gives the rows."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._types = {
            name: parameter.annotation
            for name, parameter in inspect.signature(build, eval_str=True).parameters.items()
        }
        if unfit := [name for name, kind in self._types.items() if kind not in _MARKS]:
            raise TypeError(
                f"{build.__name__}: {', '.join(unfit)} cannot be filled into SQL that is written already."
            )
        self._written: _Written | None = None
        update_wrapper(self, build)

    def __call__(self, *values: Any) -> list[Row]:
        """All rows, in one query."""
        if len(values) != len(self._types) or None in values:
            raise TypeError(f"{self._build.__name__} takes a value for each of {', '.join(self._types)}.")
        if self._written is None:
            self._written = self._write()
        return self._written.rows(values)

    def first(self, *values: Any) -> Row | None:
        """The first row, if there is one; all are read."""
        rows = self(*values)
        return rows[0] if rows else None

    def get(self, *values: Any) -> Row:
        """The one row. Raises DoesNotExist of its model where there is none."""
        rows = self(*values)
        if not rows:
            raise self._build(*values).model.DoesNotExist
        return rows[0]

    def _write(self) -> _Written:
        # Two threads that come first may both write it: the one forgets what the other wrote.
        marks = [_MARKS[kind](place) for place, kind in enumerate(self._types.values())]
        asked: Any = self._build(*marks)
        compiler = asked.query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        slots = [marks.index(param) if param in marks else None for param in params]
        if unused := [name for place, name in enumerate(self._types) if place not in slots]:
            raise TypeError(
                f"{self._build.__name__}: {', '.join(unused)} stands nowhere in its SQL as it was given."
            )
        if asked._prefetch_related_lookups:
            raise TypeError(f"{self._build.__name__}: one query cannot prefetch.")
        read = _how_to_read(asked, compiler)
        return _Written(sql, tuple(zip(params, slots, strict=True)), read)


@dataclass(frozen=True, slots=True)
class _Written:
    """The SQL of a query, and how its rows are read; nothing here belongs to one connection or thread."""

    sql: str
    params: tuple[tuple[Any, int | None], ...]
    read: Callable[[list[tuple[Any, ...]]], list[Any]]

    def rows(self, values: tuple[Any, ...]) -> list[Any]:
        filled = [
            param if slot is None else type(param)(values[slot]) if isinstance(param, int) else values[slot]
            for param, slot in self.params
        ]
        return self.read(ask(self.sql, filled))


def _how_to_read(asked: Any, compiler: Any) -> Callable[[list[tuple[Any, ...]]], list[Any]]:
    """What Django's query sets do with the rows that come, except that it is found out once for all of them."""
    columns = [column[0] for column in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(columns)
    build = _MODELS_OR_VALUES.get(asked._iterable_class)
    if build is None or compiler.has_composite_fields(columns):
        raise TypeError("Prepared queries give models, tuples of values, or one value of each row.")
    made = build(compiler)

    def read(rows: list[tuple[Any, ...]]) -> list[Any]:
        return made(compiler.apply_converters(rows, converters) if converters else rows)

    return read


def _models(compiler: Any) -> Callable[[Any], list[Any]]:
    select, known = compiler.select, compiler.klass_info
    first, last = known["select_fields"][0], known["select_fields"][-1] + 1
    names = [column[0].target.attname for column in select[first:last]]
    model = known["model"]
    joined = get_related_populators(known, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # stubs of a later Django
    annotations = tuple((compiler.annotation_col_map or {}).items())

    def make(row: Sequence[Any]) -> Any:
        one = model.from_db(DEFAULT_DB_ALIAS, names, row[first:last])
        for populator in joined:
            populator.populate(row, one)
        for name, place in annotations:
            setattr(one, name, row[place])
        return one

    return lambda rows: [make(row) for row in rows]


def _values(compiler: Any) -> Callable[[Any], list[Any]]:
    width = compiler.col_count  # what is sorted by stands behind
    return lambda rows: [tuple(row[:width]) for row in rows]


def _single_values(_compiler: Any) -> Callable[[Any], list[Any]]:
    return lambda rows: [row[0] for row in rows]


_MODELS_OR_VALUES: Final[dict[Any, Callable[[Any], Callable[[Any], list[Any]]]]] = {
    ModelIterable: _models,
    ValuesListIterable: _values,
    FlatValuesListIterable: _single_values,
}


def insert_row(row: Model) -> None:
    """Insert a new row as `save(force_insert=True)` does, except that no signal is sent. Raises IntegrityError."""
    _insert(row, "")


def insert_unless_there(row: Model) -> bool:
    """Insert a row unless one is there that shares what is unique; whether it was inserted. Needs no savepoint."""
    return _insert(row, " ON CONFLICT DO NOTHING")


def _insert(row: Model, conflict: str) -> bool:
    connection, given = connections[DEFAULT_DB_ALIAS], _given(row)
    sql, returning = _insertion(type(row), given, conflict)
    inserted = ask(sql, [_stored(row, field, connection) for field in given])
    if not inserted:
        return False
    for field, value in zip(returning, inserted[0], strict=True):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return True


def insert_rows(rows: Sequence[Model], *, key: tuple[str, ...] = (), changing: tuple[str, ...] = ()) -> None:
    """Insert rows of one model in one statement, without learning their numbers; each has values for the same fields.

    Where a row with the same `key` is there, its fields `changing` take the new values.
    """
    if not rows:
        return
    connection, given = connections[DEFAULT_DB_ALIAS], _given(rows[0])
    columns = [[_stored(row, field, connection) for row in rows] for field in given]
    tell(_insertion_of_many(type(rows[0]), given, key, changing), columns)


def update_row(row: Model, *names: str) -> None:
    """Write these fields of a row as `save(update_fields=names)` does, except that no signal is sent."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _change(type(row), names)
    tell(sql, [_stored(row, field, connection) for field in fields])


def _given(row: Model) -> _Fields:
    """The fields of the row that have a value, and not one that PostgreSQL gives."""
    return tuple(
        field
        for field in row._meta.local_concrete_fields
        if not isinstance(value := getattr(row, field.attname), DatabaseDefault)
        and not (field.primary_key and value is None)
    )


def _stored(row: Model, field: Field[Any, Any], connection: BaseDatabaseWrapper) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


@cache
def _insertion(model: type[Model], fields: _Fields, conflict: str) -> tuple[str, _Fields]:
    returning = tuple(model._meta.db_returning_fields) or (model._meta.pk,)
    slots, answer = ", ".join(["%s"] * len(fields)), ", ".join(map(_column, returning))
    return f"{_into(model, fields)} VALUES ({slots}){conflict} RETURNING {answer}", returning


@cache
def _insertion_of_many(
    model: type[Model], fields: _Fields, key: tuple[str, ...], changing: tuple[str, ...]
) -> str:
    connection = connections[DEFAULT_DB_ALIAS]
    slots = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    sql = f"{_into(model, fields)} SELECT * FROM unnest({slots})"
    if key:
        keys, changed = (
            [_column(model._meta.get_field(name)) for name in names] for names in (key, changing)
        )
        changes = ", ".join(f"{column} = EXCLUDED.{column}" for column in changed)
        sql += f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
    return sql


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, _Fields]:
    pk = model._meta.pk
    fields: tuple[Any, ...] = tuple(model._meta.get_field(name) for name in names)
    changes = ", ".join(f"{_column(field)} = %s" for field in fields)
    return f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {_column(pk)} = %s", (*fields, pk)


def _into(model: type[Model], fields: _Fields) -> str:
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(map(_column, fields))})"


def _column(field: Any) -> str:
    return _quoted(field.column)


def _quoted(name: str) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(name)
