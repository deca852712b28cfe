"""The command line as a whole: how commands are grouped, and how what goes wrong leaves the program.

One line on standard error, first the cause, then the way out, and an exit code; a traceback only for COURANT_DEBUG=1.
"""

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from cli.errors import DONE, INTERRUPTED, NOT_DONE
from cli.text import one_line, several_lines
from ingest.errors import CourantError


class CourantGroup(TyperGroup):
    """The top group: every error of every command ends here."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
            sys.stdout.flush()
        except BrokenPipeError:
            code = _reader_gone()
        except Exception as error:  # noqa: BLE001 - the last place: whatever it is, a person gets one line and a code
            code = _told(error)
        code = code if isinstance(code, int) else DONE
        if code == INTERRUPTED:
            print("stopped", file=sys.stderr)
        if not standalone_mode:
            return code
        sys.exit(code)

    def invoke(self, ctx: Any) -> Any:
        if not _debugging():
            logging.basicConfig(level=logging.CRITICAL)
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _reader_gone()


def new_group(help_: str, *, name: str | None = None, cls: type[TyperGroup] = TyperGroup) -> typer.Typer:
    """A group of commands that shows its help where no command is named."""
    group = typer.Typer(
        name=name,
        cls=cls,
        help=help_,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    )

    @group.callback()
    def show_help(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    show_help.__doc__ = help_
    return group


def tell(words: str) -> None:
    """Words for the person at the keyboard: to standard error, so that they never mix with data."""
    print(one_line(words), file=sys.stderr)


def _told(error: Exception) -> int:
    """Say on standard error what happened; the exit code comes back."""
    if isinstance(error, typer.Abort) or _is_interrupt(error):
        return INTERRUPTED
    if _debugging():
        traceback.print_exception(error)
        return NOT_DONE
    print(f"courant: {_words(error)}", file=sys.stderr)
    return NOT_DONE


def _words(error: Exception) -> str:
    if hasattr(error, "format_message"):  # wrong usage, told by the option parser
        context = getattr(error, "ctx", None)
        where = f"; see `{context.command_path} --help`" if context else ""
        return f"{one_line(error.format_message()).rstrip('.')}{where}"
    if _is_query_error(error):
        return several_lines(str(error))
    if isinstance(error, CourantError) or _is_log_error(error):
        return one_line(str(error))
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        return one_line(f"{name}{error.strerror}")
    said = one_line(str(error)) or "no message"
    return f"unexpected {type(error).__name__}: {said} (COURANT_DEBUG=1 shows where)"


def _is_log_error(error: Exception) -> bool:
    # Asked of loaded modules alone: importing the warehouse only to say what is wrong with an option takes too long.
    module = sys.modules.get("warehouse.errors")
    return module is not None and isinstance(error, module.LogError)


def _is_query_error(error: Exception) -> bool:
    module = sys.modules.get("warehouse.query")
    return module is not None and isinstance(error, module.QueryError)


def _is_interrupt(error: BaseException | None) -> bool:
    """Ctrl-C, also where DuckDB caught it first and raised an error of its own."""
    return error is not None and (
        (type(error) is RuntimeError and "Query interrupted" in str(error)) or _is_interrupt(error.__cause__)
    )


def _reader_gone() -> int:
    """`courant … | head` is no error. What is still buffered goes nowhere, also at the interpreter's end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass
    return DONE


def _debugging() -> bool:
    return os.environ.get("COURANT_DEBUG", "") not in ("", "0")
