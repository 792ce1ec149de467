//! What is tried, each by itself.

mod cast;
mod claims;
mod clocks;
mod corroborated;
mod machine;
mod quiet;
mod sockets;
mod vanishing;
mod verdict;

use nix::sys::signal::Signal;

use crate::files::Packages;
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
                scope_all: false,
                packages: Packages::Pm,
                user: Some(10_150),
                signal: Signal::SIGTERM,
                fail_on_alert: Some("--fail-on-alert=possible"),
            });
        },
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
