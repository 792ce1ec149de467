//! What is tried, each by itself.

mod cast;
mod claims;
mod clocks;
mod corroborated;
mod helped;
mod machine;
mod quiet;
mod sockets;
mod vanishing;
mod verdict;

use nix::sys::signal::Signal;

use crate::files::Packages;
use crate::helper::{self, Way};
use crate::namespace;
use crate::runner::Scenario;
use claims::Case;

/// All of them, the longest first.
pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: "claims_by_procfs_with_scope_firmware_twice",
        missing: namespace::missing,
        run: || {
            let case = Case {
                source: "procfs",
                helper: None,
                scope_all: false,
                packages: Packages::Dumpsys,
                user: None,
                signal: Signal::SIGTERM,
                fail_on_alert: None,
            };
            assert_eq!(claims::run(case), claims::run(case));
        },
    },
    Scenario {
        name: "claims_by_diag_with_scope_firmware_twice",
        missing: namespace::missing,
        run: || {
            let case = Case {
                source: "diag",
                helper: None,
                scope_all: false,
                packages: Packages::Dumpsys,
                user: None,
                signal: Signal::SIGINT,
                fail_on_alert: Some("--fail-on-alert"),
            };
            assert_eq!(claims::run(case), claims::run(case));
        },
    },
    Scenario {
        name: "claims_by_procfs_with_scope_all",
        missing: namespace::missing,
        run: || {
            claims::run(Case {
                source: "procfs",
                helper: None,
                scope_all: true,
                packages: Packages::Dumpsys,
                user: None,
                signal: Signal::SIGINT,
                fail_on_alert: None,
            });
        },
    },
    Scenario {
        name: "claims_by_diag_with_scope_all",
        missing: namespace::missing,
        run: || {
            claims::run(Case {
                source: "diag",
                helper: None,
                scope_all: true,
                packages: Packages::Dumpsys,
                user: None,
                signal: Signal::SIGTERM,
                fail_on_alert: Some("--fail-on-alert=match"),
            });
        },
    },
    Scenario {
        name: "claims_by_an_app_that_knows_paths_alone",
        missing: namespace::missing,
        run: || {
            claims::run(Case {
                source: "procfs",
                helper: None,
                scope_all: false,
                packages: Packages::Pm,
                user: Some(10_150),
                signal: Signal::SIGTERM,
                fail_on_alert: Some("--fail-on-alert=possible"),
            });
        },
    },
    Scenario {
        name: "claims_by_a_helper_with_scope_firmware",
        missing: namespace::missing,
        run: || {
            claims::run(Case {
                source: "procfs",
                helper: Some((helper::SHELL, Way::Pair)),
                scope_all: false,
                packages: Packages::Dumpsys,
                user: Some(helped::APP),
                signal: Signal::SIGTERM,
                fail_on_alert: None,
            });
        },
    },
    Scenario {
        name: "claims_by_a_helper_over_loopback_with_scope_all",
        missing: namespace::missing,
        run: || {
            claims::run(Case {
                source: "procfs",
                helper: Some((helper::SHELL, Way::Loopback)),
                scope_all: true,
                packages: Packages::Dumpsys,
                user: Some(helped::APP),
                signal: Signal::SIGINT,
                fail_on_alert: Some("--fail-on-alert"),
            });
        },
    },
    Scenario {
        name: "claims_by_a_helper_of_roots",
        missing: namespace::missing,
        run: || {
            claims::run(Case {
                source: "diag",
                helper: Some((0, Way::Pair)),
                scope_all: false,
                packages: Packages::Dumpsys,
                user: Some(helped::APP),
                signal: Signal::SIGTERM,
                fail_on_alert: None,
            });
        },
    },
    Scenario {
        name: "a_helper_is_killed_and_started_again",
        missing: namespace::missing,
        run: helped::killed_and_started_again,
    },
    Scenario {
        name: "a_helper_is_paused",
        missing: namespace::missing,
        run: helped::paused,
    },
    Scenario {
        name: "a_helpers_watch_is_paused",
        missing: namespace::missing,
        run: helped::the_watch_is_paused,
    },
    Scenario {
        name: "a_helpers_watch_starts_again",
        missing: namespace::missing,
        run: helped::the_watch_starts_again,
    },
    Scenario {
        name: "one_helper_and_nobody_else",
        missing: namespace::missing,
        run: helped::one_and_nobody_else,
    },
    Scenario {
        name: "the_tcp_table_vanishes_by_procfs",
        missing: namespace::missing,
        run: vanishing::tcp_by_procfs,
    },
    Scenario {
        name: "text_tables_vanish_by_diag",
        missing: namespace::missing,
        run: vanishing::fallback_of_diag,
    },
    Scenario {
        name: "a_table_vanishes_from_a_tree",
        missing: namespace::missing,
        run: vanishing::tree_of_links,
    },
    Scenario {
        name: "the_wall_clock_is_set_by_procfs",
        missing: clocks::missing_for_setting,
        run: || clocks::wall_clock_is_set("procfs"),
    },
    Scenario {
        name: "the_wall_clock_is_set_by_diag",
        missing: clocks::missing_for_setting,
        run: || clocks::wall_clock_is_set("diag"),
    },
    Scenario {
        name: "long_since_boot",
        missing: clocks::missing_for_time_namespace,
        run: clocks::long_since_boot,
    },
    Scenario {
        name: "a_routers_capture_corroborates_the_log",
        missing: corroborated::missing,
        run: corroborated::by_a_router,
    },
    Scenario {
        name: "nothing_leaves_by_procfs",
        missing: namespace::missing,
        run: || quiet::nothing_leaves("procfs"),
    },
    Scenario {
        name: "nothing_leaves_by_diag",
        missing: namespace::missing,
        run: || quiet::nothing_leaves("diag"),
    },
    Scenario {
        name: "the_main_job_on_this_machine",
        missing: || None,
        run: machine::main_job,
    },
];
