//! What is tried, each by itself.

mod answers;
mod hostile;
mod servers;
mod streams;

use crate::load;
use crate::phone;
use crate::runner::Scenario;

/// All of them, the longest first.
pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: "the_next_server_is_asked_and_the_first_comes_back",
        missing: phone::missing,
        run: servers::failover,
    },
    Scenario {
        name: "a_hundred_thousand_questions_as_fast_as_they_go",
        missing: phone::missing,
        run: || load::full_speed(100_000),
    },
    Scenario {
        name: "a_thousand_questions_a_second",
        missing: phone::missing,
        run: || load::steady(3_000),
    },
    Scenario {
        name: "answers_are_those_of_the_resolver",
        missing: phone::missing,
        run: answers::equal,
    },
    Scenario {
        name: "dig_and_the_c_library_are_answered",
        missing: phone::missing,
        run: answers::programs,
    },
    Scenario {
        name: "a_phone_with_ipv6_alone",
        missing: phone::missing,
        run: answers::ipv6_only,
    },
    Scenario {
        name: "questions_that_the_front_end_forwards",
        missing: phone::missing,
        run: servers::pulled,
    },
    Scenario {
        name: "another_network_while_questions_are_open",
        missing: phone::missing,
        run: servers::swapped,
    },
    Scenario {
        name: "a_device_that_is_taken_away_ends_the_tap",
        missing: phone::missing,
        run: servers::device_gone,
    },
    Scenario {
        name: "a_question_that_comes_again_is_asked_once",
        missing: phone::missing,
        run: servers::retries,
    },
    Scenario {
        name: "connections_in_pieces_and_at_once",
        missing: phone::missing,
        run: streams::all,
    },
    Scenario {
        name: "connections_with_packets_lost_doubled_and_reordered",
        missing: phone::missing,
        run: streams::with_losses,
    },
    Scenario {
        name: "hostile_packets_are_counted_and_nothing_else",
        missing: phone::missing,
        run: hostile::garbage,
    },
    Scenario {
        name: "what_is_no_plain_dns_is_refused_at_once",
        missing: phone::missing,
        run: hostile::refusals,
    },
];

/// What takes minutes.
pub(crate) const LONG: &[Scenario] = &[Scenario {
    name: "a_hundred_thousand_questions_at_a_thousand_a_second",
    missing: phone::missing,
    run: || load::steady(100_000),
}];
