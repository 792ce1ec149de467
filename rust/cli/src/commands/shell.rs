//! Completions and the man page, made from the same definition as the help.

use std::fmt::Write as _;

use anyhow::{Context as _, Error};
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::Cli;
use crate::exit::Outcome;
use crate::output::Output;

/// Prints the completion script of `shell`.
pub(crate) fn completions(shell: Shell) -> Result<Outcome, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "portlog", &mut script);
    Output::open()?.write(&script)?;
    Ok(Outcome::Done)
}

/// Prints portlog(1): one page, with a section for each command.
pub(crate) fn man() -> Result<Outcome, Error> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .context("cannot make the man page")?;
    let mut page = String::from_utf8(page).context("cannot make the man page")?;
    page.push_str(".SH COMMANDS\n");
    for subcommand in command.get_subcommands() {
        write_command(&mut page, subcommand).context("cannot make the man page")?;
    }
    page.push_str(CLOSING);
    Output::open()?.write(page.as_bytes())?;
    Ok(Outcome::Done)
}

const CLOSING: &str = r#".SH "EXIT STATUS"
.TP
0
Done.
.TP
1
Done, and the answer is bad: an alert with \fB\-\-fail\-on\-alert\fR, bad lines in \fBlist check\fR,
a signed log that does not check or is not what was asked for, a state that \fBlog witness\fR does not
sign.
.TP
2
Could not be done. One line on standard error says what, why, and what to do.
.SH ENVIRONMENT
.TP
NO_COLOR, CLICOLOR, CLICOLOR_FORCE
Whether colour is used on a terminal.
.TP
TZ
The time zone of times that are shown to people. Programs get UTC.
.SH FILES
.TP
$XDG_CONFIG_HOME/portlog/config.toml
Settings of \fBwatch\fR; ~/.config/portlog/config.toml where the variable is not set.
.TP
$XDG_STATE_HOME/portlog/witness
Key and memory of \fBlog witness\fR; ~/.local/state/portlog/witness where the variable is not set.
.TP
DIR/control
The socket of a watch with \fB\-\-journal DIR\fR: the \fBlog\fR commands ask it while the watch runs.
.SH "SEE ALSO"
ss(8), netstat(8), proc_net(5), sock_diag(7)
"#;

/// Appends a command, and the commands below it, as subsections.
fn write_command(page: &mut String, command: &Command) -> Result<(), Error> {
    if command.has_subcommands() {
        for subcommand in command.get_subcommands() {
            write_command(page, subcommand)?;
        }
        return Ok(());
    }
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let man = Man::new(command.clone());
    let mut section = Vec::new();
    man.render_synopsis_section(&mut section)?;
    man.render_description_section(&mut section)?;
    man.render_options_section(&mut section)?;
    man.render_extra_section(&mut section)?;
    // Writing to a string cannot fail.
    let _ = writeln!(page, ".SS \"{name}\"");
    for line in String::from_utf8(section)?.lines() {
        // The section is part of a page: its own headings are only emphasised, and the definition
        // of the apostrophe stands at the page's head already.
        let _ = match line.strip_prefix(".SH ") {
            Some("SYNOPSIS" | "DESCRIPTION") => writeln!(page, ".PP"),
            Some("EXTRA") => writeln!(page, ".PP\n.nf"),
            Some(heading) => writeln!(page, ".PP\n\\fI{}\\fR", heading.trim_matches('"')),
            None if line.starts_with(".ie ") || line.starts_with(".el ") => Ok(()),
            None => writeln!(page, "{line}"),
        };
    }
    page.push_str(".fi\n");
    Ok(())
}
