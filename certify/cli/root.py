"""The commands, grouped by noun."""

import sys

import click

from certify.cli import terminal
from certify.cli.accounts import organisation, user
from certify.cli.certificates import certificates
from certify.cli.cpf import cpf
from certify.cli.frameworks import framework
from certify.cli.groups import groups
from certify.cli.journals import audit, outbox
from certify.cli.lti import lti
from certify.cli.retention import retention
from certify.cli.running import demo, init, serve, settings, worker


class FrenchFormatter(click.HelpFormatter):
    """Help with French headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the first line."""
        super().write_usage(prog, args, prefix="Utilisation : ")

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        super().write_heading({"Commands": "Commandes"}.get(heading, heading))


click.Context.formatter_class = FrenchFormatter


@click.group(context_settings=terminal.CONTEXT, no_args_is_help=True)
def root() -> None:
    """Formation et certification des facilitateurs des Maisons des 1000 premiers jours."""


for command in (
    init, serve, worker, demo, settings, audit, outbox, user, organisation, lti, framework, groups, retention, cpf,
    certificates,
):  # fmt: skip
    root.add_command(command)


def _explain_help(command: click.Command) -> None:
    """Say in French what the help option does, for a command and those it groups."""
    option = command.get_help_option(click.Context(command, **terminal.CONTEXT))
    if option is not None:
        option.help = "Afficher cette aide."
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _explain_help(inner)


_explain_help(root)


def main() -> None:
    """Run a command; 0 done, 1 refused, 2 wrong usage."""
    try:
        status = root.main(prog_name="certify", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        sys.exit(2)
    except click.ClickException as error:
        terminal.say(f"certify : {terminal.french(error)}")
        if isinstance(error, click.UsageError) and error.ctx is not None:
            terminal.say(f"Aide : {error.ctx.command_path} --help")
        sys.exit(error.exit_code)
    except click.Abort:
        terminal.say("Interrompu.")
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)
