//! A list of 1,000,000 domains and 100,000 networks, compiled, beside what else one could use, and then one
//! five times as large: `cargo xtask bench --lists` prints the tables of docs/PERFORMANCE.md.
//!
//! `usual` or `large` alone measures one of the two, `addresses` the lookups of addresses alone. Candidates
//! take turns in one process, beginning with another each time; times are on the processor, and medians of
//! the turns. Memory is measured in a process for each candidate.

mod material;
mod memory;
mod timing;

use std::collections::HashSet;
use std::fs::{self, File};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use adblock::Engine;
use adblock::request::Request;
use portlog_blocklist::{CompiledList, List, ListSet};
use portlog_model::{HitKind, ListHit};
use prefix_trie::PrefixMap;

use crate::material::{
    LARGE, QUESTIONS, Random, Size, USUAL, hits, misses, names, set_size, size, v4, v6, written,
};
use crate::timing::{Timed, compare, median};

/// A kind of question, and what each candidate took for it.
type Column = (&'static str, Vec<Timed>);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => {
            for size in ["usual", "large"] {
                // In processes of their own: what one allocated is nothing to the other.
                let status = Command::new(std::env::current_exe().unwrap())
                    .arg(size)
                    .status()
                    .unwrap();
                assert!(status.success());
            }
        }
        ["addresses"] => {
            set_size(USUAL);
            only_addresses();
        }
        [size] => {
            set_size(size_called(size));
            measure(size);
        }
        ["memory", "build", folder, size] => {
            set_size(size_called(size));
            memory::while_building(folder);
        }
        ["memory", candidate, folder, size] => {
            set_size(size_called(size));
            memory::of_this_process(candidate, folder);
        }
        _ => panic!("{words:?}: give usual, large, addresses or nothing"),
    }
}

fn size_called(name: &str) -> Size {
    match name {
        "usual" => USUAL,
        "large" => LARGE,
        other => panic!("{other}: usual or large"),
    }
}

fn measure(called: &str) {
    let folder = std::env::temp_dir().join(format!("portlog-bench-lists-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let (names, v4, v6) = (names(), v4(), v6());
    let text = written(&names, &v4, &v6);
    fs::write(folder.join("text"), &text).unwrap();

    let list = List::parse("bench", None, None, text.as_bytes())
        .unwrap()
        .list;
    let parse = median(|| drop(black_box(List::parse("bench", None, None, text.as_bytes()))));
    let path = folder.join("list");
    let compile = median(|| {
        black_box(
            list.compile_into(&mut File::create(&path).unwrap())
                .unwrap(),
        );
    });
    let open = median(|| {
        drop(black_box(
            CompiledList::open(&File::open(&path).unwrap()).unwrap(),
        ))
    });
    let compiled = CompiledList::open(&File::open(&path).unwrap()).unwrap();
    let verify = median(|| compiled.verify().unwrap());
    let (bytes, texts) = (compiled.bytes(), compiled.text_bytes());
    let only_names = List::parse("names", None, None, written(&names, &[], &[]).as_bytes());
    let only_names = CompiledList::from_bytes(only_names.unwrap().list.compile().unwrap()).unwrap();
    // The line, lengths and kind of an entry (8 bytes) stand in the texts, and are no text.
    let beside = only_names.bytes() - only_names.text_bytes();
    let a_name = beside as f64 / size().domains as f64 + 8.0;
    let a_network = (bytes - texts - beside) as f64 / size().networks as f64 + 8.0;
    drop(only_names);

    let compiled = ListSet::new(vec![List::from_compiled(compiled, None)]);
    let parsed = ListSet::new(vec![list]);
    let of_names = of_names(&compiled, &parsed, &names);
    let of_addresses = addresses(&compiled, &parsed, &v4, &v6);
    drop((compiled, parsed));
    let folder_name = folder.to_str().unwrap();
    let memory = |candidate| memory::of(candidate, called, folder_name);

    let Size { domains, networks } = size();
    println!(
        "#### {} domains and {} networks\n",
        grouped(domains),
        grouped(networks)
    );
    let has_targets = called == "usual";
    println!("| | limit | measured | |\n|---|---|---|---|");
    let own = memory("compiled");
    let row = |what: &str, limit: f64, unit: &str, measured: f64, digits: usize| {
        let (limit, verdict) = match (has_targets, measured <= limit) {
            (false, _) => (String::new(), ""),
            (true, true) => (format!("{limit}{unit}"), "pass"),
            (true, false) => (format!("{limit}{unit}"), "**missed**"),
        };
        println!("| {what} | {limit} | {measured:.digits$}{unit} | {verdict} |");
    };
    row("memory of its own", 2.0, " MiB", own, 2);
    row("on file a name, beside its text", 20.0, " bytes", a_name, 1);
    row("open", 10.0, " ms", ms(open), 1);
    row(
        "build (parse and compile)",
        3.0,
        " s",
        (parse + compile).as_secs_f64(),
        2,
    );
    let by = |columns: &[Column], what: &str, candidate: &str| {
        let (_, column) = columns.iter().find(|(name, _)| *name == what).unwrap();
        column
            .iter()
            .find(|timed| timed.name.starts_with(candidate))
            .unwrap()
            .first_by_it
    };
    let set = by(&of_names, "miss", "`HashSet");
    row(
        "a four-label miss, by a `HashSet<String>` suffix walk",
        1.0,
        "",
        set,
        2,
    );
    for what in KINDS {
        let same = by(&of_addresses, what, SAME_ANSWER);
        row(
            &format!("{what}, by `prefix-trie` and the same answer"),
            1.0,
            "",
            same,
            2,
        );
    }
    println!(
        "\nParse {:.0} ms, compile {:.0} ms, verify the whole {:.0} ms; while it is built at most {:.0} MiB of memory of \
         its own.\nThe file has {:.1} MB, {:.1} of them texts; a network takes {a_network:.1} bytes beside its text.\n",
        ms(parse),
        ms(compile),
        ms(verify),
        memory("build"),
        bytes as f64 / 1e6,
        texts as f64 / 1e6,
    );

    println!("| a name: ns | miss | hit | memory of its own |\n|---|---|---|---|");
    let memories = ["compiled", "parsed", "hashset", "fst", "adblock"].map(|candidate| {
        let memory = if candidate == "compiled" {
            own
        } else {
            memory(candidate)
        };
        format!("{memory:.*} MiB", usize::from(memory < 1.0) * 2)
    });
    let memories = memories.into_iter().chain(["".to_owned()]);
    table(&of_names, memories.map(Some));
    let trie = memory("prefix-trie");
    println!(
        "\n| an address: ns | {} |\n|---|---|---|---|---|---|",
        KINDS.join(" | ")
    );
    table(&of_addresses, std::iter::repeat(None));
    println!("\n`prefix-trie` has {trie:.0} MiB of memory of its own.\n");
    fs::remove_dir_all(&folder).unwrap();
}

/// The kinds of questions about addresses.
const KINDS: [&str; 5] = [
    "IPv4 miss",
    "IPv4 hit",
    "IPv6 miss",
    "IPv6 near miss",
    "IPv6 hit",
];

/// The candidate that gives a whole answer.
const SAME_ANSWER: &str = "`prefix-trie`, and the same answer";

/// A line for each candidate, with its times and what else is said of it.
fn table(columns: &[Column], behind: impl Iterator<Item = Option<String>>) {
    let (_, first) = &columns[0];
    for ((number, candidate), behind) in first.iter().enumerate().zip(behind) {
        let times: Vec<String> = columns
            .iter()
            .map(|(_, column)| grouped(column[number].ns.round() as u64))
            .chain(behind)
            .collect();
        println!("| {} | {} |", candidate.name, times.join(" | "));
    }
}

fn of_names(compiled: &ListSet, parsed: &ListSet, names: &[String]) -> Vec<Column> {
    let set: HashSet<String> = names.iter().cloned().collect();
    let fst = fst_of(names);
    let engine = engine_of(names);
    let misses = misses();
    let hits = hits(names);
    let mut columns = Vec::new();
    for (what, questions, expected) in [("miss", &misses, 0), ("hit", &hits, QUESTIONS)] {
        let mut found: Vec<ListHit> = Vec::new();
        let mut others: Vec<ListHit> = Vec::new();
        let requests: Vec<Request> = questions
            .iter()
            .map(|name| {
                Request::new(
                    &format!("https://{name}/"),
                    "https://page.invalid/",
                    "script",
                    "GET",
                )
                .unwrap()
            })
            .collect();
        let mut counts = [0_u64; 6];
        let [count_c, count_p, count_h, count_f, count_a, count_r] = &mut counts;
        let timed = compare(
            questions.len(),
            &mut [
                ("**compiled**", &mut || {
                    found.clear();
                    for name in questions {
                        compiled.name(black_box(name), &mut found);
                    }
                    *count_c = found.len() as u64;
                }),
                ("parsed", &mut || {
                    others.clear();
                    for name in questions {
                        parsed.name(black_box(name), &mut others);
                    }
                    *count_p = others.len() as u64;
                }),
                ("`HashSet<String>`, suffix walk", &mut || {
                    *count_h = walk(questions, |suffix| set.contains(suffix));
                }),
                ("`fst::Set`, suffix walk", &mut || {
                    *count_f = walk(questions, |suffix| fst.contains(suffix));
                }),
                ("`adblock`, request made before", &mut || {
                    *count_a = requests
                        .iter()
                        .filter(|request| {
                            engine
                                .check_network_request(black_box(request))
                                .filter
                                .is_some()
                        })
                        .count() as u64;
                }),
                ("`adblock`, with the request", &mut || {
                    *count_r = 0;
                    for name in questions {
                        let url = format!("https://{name}/");
                        let request =
                            Request::new(black_box(&url), "https://page.invalid/", "script", "GET")
                                .unwrap();
                        *count_r +=
                            u64::from(engine.check_network_request(&request).filter.is_some());
                    }
                }),
            ],
        );
        assert_eq!(counts, [expected; 6], "{what}");
        assert_eq!(found, others, "{what}");
        columns.push((what, timed));
    }
    columns
}

/// The lookups of addresses without the rest, for work on them.
fn only_addresses() {
    let (v4, v6) = (v4(), v6());
    let list = List::parse("bench", None, None, written(&[], &v4, &v6).as_bytes())
        .unwrap()
        .list;
    let compiled = CompiledList::from_bytes(list.compile().unwrap()).unwrap();
    let compiled = ListSet::new(vec![List::from_compiled(compiled, None)]);
    for (what, column) in addresses(&compiled, &ListSet::new(vec![list]), &v4, &v6) {
        for Timed {
            name,
            ns,
            first_by_it,
        } in column
        {
            println!("{what}: {name} {ns:.0} ns, ours by it {first_by_it:.2}");
        }
    }
}

fn addresses(
    compiled: &ListSet,
    parsed: &ListSet,
    v4: &[(u32, u8)],
    v6: &[(u128, u8)],
) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut trie4 = PrefixMap::<(u32, u8), u32>::new();
    for (prefix, number) in v4.iter().zip(0..) {
        trie4.insert(*prefix, number);
    }
    let mut trie6 = PrefixMap::<(u128, u8), u32>::new();
    for (prefix, number) in v6.iter().zip(0..) {
        trie6.insert(*prefix, number);
    }
    let of_trie = |address: &IpAddr| match address {
        IpAddr::V4(address) => trie4
            .get_lpm(&(address.to_bits(), 32))
            .map(|(_, number)| *number),
        IpAddr::V6(address) => trie6
            .get_lpm(&(address.to_bits(), 128))
            .map(|(_, number)| *number),
    };
    let in_trie = |address: &IpAddr| of_trie(address).is_some();
    let texts4: Vec<String> = written(&[], v4, &[]).lines().map(str::to_owned).collect();
    let texts6: Vec<String> = written(&[], &[], v6).lines().map(str::to_owned).collect();
    let list = compiled.lists()[0].info();
    let mut random = Random(2);
    let any4: Vec<IpAddr> = (0..QUESTIONS * 4)
        .map(|_| Ipv4Addr::from_bits(random.low()).into())
        .collect();
    let any6: Vec<IpAddr> = (0..QUESTIONS * 4)
        .map(|number| match number % 2 {
            0 => Ipv6Addr::from_bits(random.wide()).into(),
            _ => Ipv6Addr::from_bits(v6[random.below(v6.len() as u64) as usize].0).into(),
        })
        .collect();
    // As near to a listed network as can be: its top half, and another end.
    let near6: Vec<IpAddr> = (0..QUESTIONS)
        .map(|_| {
            let (bits, _) = v6[random.below(v6.len() as u64) as usize];
            Ipv6Addr::from_bits(bits ^ (1 << 80)).into()
        })
        .collect();
    let some = |all: &[IpAddr], listed: bool| -> Vec<IpAddr> {
        let mut some: Vec<IpAddr> = all
            .iter()
            .filter(|a| in_trie(a) == listed)
            .copied()
            .collect();
        some.truncate(QUESTIONS as usize);
        some
    };
    for (what, questions) in [
        ("IPv4 miss", some(&any4, false)),
        ("IPv4 hit", some(&any4, true)),
        ("IPv6 miss", some(&any6, false)),
        ("IPv6 near miss", some(&near6, false)),
        ("IPv6 hit", some(&any6, true)),
    ] {
        let (mut found, mut others): (Vec<ListHit>, Vec<ListHit>) = (Vec::new(), Vec::new());
        let (mut count, mut answers) = (0, Vec::new());
        let timed = compare(
            questions.len(),
            &mut [
                ("**compiled**", &mut || {
                    found.clear();
                    for address in &questions {
                        compiled.address(*black_box(address), &mut found);
                    }
                }),
                ("parsed", &mut || {
                    others.clear();
                    for address in &questions {
                        parsed.address(*black_box(address), &mut others);
                    }
                }),
                ("`prefix-trie`, and the same answer", &mut || {
                    answers.clear();
                    for address in &questions {
                        if let Some(number) = of_trie(black_box(address)) {
                            let texts = if address.is_ipv4() { &texts4 } else { &texts6 };
                            answers.push(ListHit {
                                list: Arc::clone(&list.name),
                                category: list.category,
                                entry: Arc::from(texts[number as usize].as_str()),
                                line: number,
                                list_date: list.date,
                                list_sha256: list.sha256,
                                kind: HitKind::Network,
                            });
                        }
                    }
                }),
                ("`prefix-trie`, yes or no", &mut || {
                    count = questions
                        .iter()
                        .filter(|address| in_trie(black_box(address)))
                        .count();
                }),
            ],
        );
        assert_eq!(found, others, "{what}");
        assert_eq!(found.len(), count, "{what}");
        columns.push((what, timed));
    }
    columns
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    match number / 1000 {
        0 => number.to_string(),
        above => format!("{},{:03}", grouped(above), number % 1000),
    }
}

fn walk(questions: &[String], contains: impl Fn(&str) -> bool) -> u64 {
    let mut count = 0;
    for name in questions {
        let mut rest = Some(black_box(name.as_str()));
        while let Some(suffix) = rest {
            if contains(suffix) {
                count += 1;
                break;
            }
            rest = suffix.split_once('.').map(|(_, behind)| behind);
        }
    }
    count
}

fn fst_of(names: &[String]) -> fst::Set<Vec<u8>> {
    let mut names = names.to_vec();
    names.sort_unstable();
    fst::Set::from_iter(names).unwrap()
}

fn engine_of(names: &[String]) -> Engine {
    let rules: Vec<String> = names.iter().map(|name| format!("||{name}^")).collect();
    Engine::new_with_list_text(rules.join("\n"))
}
