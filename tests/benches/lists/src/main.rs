//! A list of 1,000,000 domains and 100,000 networks, compiled, beside what else one could use:
//! `cargo run --release` in this folder prints the tables of docs/PERFORMANCE.md.
//!
//! The rules and the questions are invented from a fixed sequence of numbers, so that runs are
//! comparable. Candidates take turns in one process, beginning with another each time; times are on the
//! processor, and medians of the turns. Memory is measured in a process for each candidate.

use std::collections::HashSet;
use std::fs::{self, File};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use adblock::Engine;
use adblock::request::Request;
use nix::time::{ClockId, clock_gettime};
use portlog_blocklist::{CompiledList, List, ListSet};
use portlog_model::{HitKind, ListHit};
use prefix_trie::PrefixMap;

const DOMAINS: u64 = 1_000_000;
const NETWORKS: u64 = 100_000;
const QUESTIONS: u64 = 200_000;
const TURNS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        None => measure(),
        Some("addresses") => only_addresses(),
        Some("memory") => memory(&arguments[2], &arguments[3]),
        Some(other) => panic!("{other}: give no argument, or addresses"),
    }
}

fn measure() {
    let folder = std::env::temp_dir().join(format!("portlog-bench-lists-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let (names, v4, v6) = (names(), v4(), v6());
    let text = written(&names, &v4, &v6);

    println!("| what | |\n|---|---|");
    let list = List::parse("bench", None, None, text.as_bytes()).unwrap().list;
    let parse = median(|| drop(black_box(List::parse("bench", None, None, text.as_bytes()))));
    let compile = median(|| drop(black_box(list.compile())));
    let bytes = list.compile().unwrap();
    let path = folder.join("list");
    fs::write(&path, &bytes).unwrap();
    println!("| parse {} bytes of text | {} |", text.len(), ms(parse));
    println!("| compile | {} |", ms(compile));
    let open = median(|| drop(black_box(CompiledList::open(&File::open(&path).unwrap()).unwrap())));
    println!("| open | {} |", ms(open));
    let compiled = CompiledList::open(&File::open(&path).unwrap()).unwrap();
    println!("| verify the whole | {} |", ms(median(|| compiled.verify().unwrap())));
    let beside = (compiled.bytes() - compiled.text_bytes()) as f64;
    println!(
        "| file | {} bytes, {} of them texts |",
        compiled.bytes(),
        compiled.text_bytes()
    );
    let only_names = List::parse("names", None, None, written(&names, &[], &[]).as_bytes());
    let only_names = CompiledList::from_bytes(only_names.unwrap().list.compile().unwrap()).unwrap();
    // The line, lengths and kind of an entry (8 bytes) stand in the texts, and are no text.
    let a_name = (only_names.bytes() - only_names.text_bytes()) as f64 / DOMAINS as f64 + 8.0;
    println!("| a name on file beside its text | {a_name:.1} bytes |");
    let networks = compiled.bytes() - compiled.text_bytes();
    let networks = networks - (only_names.bytes() - only_names.text_bytes());
    println!(
        "| a network on file beside its text | {:.1} bytes |",
        networks as f64 / NETWORKS as f64 + 8.0
    );
    assert!(beside > 0.0);

    let compiled = ListSet::new(vec![List::from_compiled(compiled, None)]);
    let parsed = ListSet::new(vec![list]);
    let set: HashSet<String> = names.iter().cloned().collect();
    let fst = fst_of(&names);
    let engine = engine_of(&names);
    let misses = misses();
    let hits = hits(&names);

    for (what, questions, expected) in [("four-label miss", &misses, 0), ("hit", &hits, QUESTIONS)] {
        let mut found: Vec<ListHit> = Vec::new();
        let mut others: Vec<ListHit> = Vec::new();
        let requests: Vec<Request> = questions
            .iter()
            .map(|name| {
                Request::new(&format!("https://{name}/"), "https://page.invalid/", "script", "GET").unwrap()
            })
            .collect();
        let mut counts = [0_u64; 6];
        let [count_c, count_p, count_h, count_f, count_a, count_r] = &mut counts;
        say(
            &format!("a name, {what}"),
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
                        .filter(|request| engine.check_network_request(black_box(request)).filter.is_some())
                        .count() as u64;
                }),
                ("`adblock`, with the request", &mut || {
                    *count_r = 0;
                    for name in questions {
                        let url = format!("https://{name}/");
                        let request =
                            Request::new(black_box(&url), "https://page.invalid/", "script", "GET").unwrap();
                        *count_r += u64::from(engine.check_network_request(&request).filter.is_some());
                    }
                }),
            ],
        );
        assert_eq!(counts, [expected; 6], "{what}");
        assert_eq!(found, others, "{what}");
    }
    drop((set, fst, engine));
    addresses(&compiled, &parsed, &v4, &v6);

    fs::write(folder.join("text"), &text).unwrap();
    println!("\n| in memory of its own (RssAnon, a process each) | MiB |\n|---|---|");
    for candidate in ["compiled", "parsed", "hashset", "fst", "adblock", "prefix-trie"] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["memory", candidate, folder.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        println!("| {candidate} | {} |", String::from_utf8(output.stdout).unwrap().trim());
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// The lookups of addresses without the rest, for work on them.
fn only_addresses() {
    let (v4, v6) = (v4(), v6());
    let list = List::parse("bench", None, None, written(&[], &v4, &v6).as_bytes()).unwrap().list;
    let compiled = CompiledList::from_bytes(list.compile().unwrap()).unwrap();
    let compiled = ListSet::new(vec![List::from_compiled(compiled, None)]);
    addresses(&compiled, &ListSet::new(vec![list]), &v4, &v6);
}

fn addresses(compiled: &ListSet, parsed: &ListSet, v4: &[(u32, u8)], v6: &[(u128, u8)]) {
    let mut trie4 = PrefixMap::<(u32, u8), u32>::new();
    for (prefix, number) in v4.iter().zip(0..) {
        trie4.insert(*prefix, number);
    }
    let mut trie6 = PrefixMap::<(u128, u8), u32>::new();
    for (prefix, number) in v6.iter().zip(0..) {
        trie6.insert(*prefix, number);
    }
    let of_trie = |address: &IpAddr| match address {
        IpAddr::V4(address) => trie4.get_lpm(&(address.to_bits(), 32)).map(|(_, number)| *number),
        IpAddr::V6(address) => trie6.get_lpm(&(address.to_bits(), 128)).map(|(_, number)| *number),
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
        let mut some: Vec<IpAddr> = all.iter().filter(|a| in_trie(a) == listed).copied().collect();
        some.truncate(QUESTIONS as usize);
        some
    };
    for (what, questions) in [
        ("IPv4, miss", some(&any4, false)),
        ("IPv4, hit", some(&any4, true)),
        ("IPv6, miss", some(&any6, false)),
        ("IPv6, near miss", some(&near6, false)),
        ("IPv6, hit", some(&any6, true)),
    ] {
        let (mut found, mut others): (Vec<ListHit>, Vec<ListHit>) = (Vec::new(), Vec::new());
        let (mut count, mut answers) = (0, Vec::new());
        say_of(
            &format!("an address, {what}"),
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
                    count = questions.iter().filter(|address| in_trie(black_box(address))).count();
                }),
            ],
        );
        assert_eq!(found, others, "{what}");
        assert_eq!(found.len(), count, "{what}");
    }
}

/// Prints how much memory of its own a candidate has after it was built and asked.
fn memory(candidate: &str, folder: &str) {
    let path = format!("{folder}/list");
    let misses = misses();
    let v4 = v4();
    let list = || List::parse("bench", None, None, &fs::read(format!("{folder}/text")).unwrap()).unwrap().list;
    // What the allocator keeps for the process stays out of what is measured.
    let before = own_memory();
    let kept: Box<dyn std::any::Any> = match candidate {
        "compiled" => Box::new(ListSet::new(vec![List::from_compiled(
            CompiledList::open(&File::open(path).unwrap()).unwrap(),
            None,
        )])),
        "parsed" => Box::new(ListSet::new(vec![list()])),
        "hashset" => Box::new(names().into_iter().collect::<HashSet<String>>()),
        "fst" => Box::new(fst_of(&names())),
        "adblock" => Box::new(engine_of(&names())),
        "prefix-trie" => {
            let mut trie = PrefixMap::<(u32, u8), u32>::new();
            v4.iter().zip(0..).for_each(|(prefix, number)| drop(trie.insert(*prefix, number)));
            let mut trie6 = PrefixMap::<(u128, u8), u32>::new();
            v6().iter().zip(0..).for_each(|(prefix, number)| drop(trie6.insert(*prefix, number)));
            Box::new((trie, trie6))
        }
        other => panic!("{other}"),
    };
    if let Some(set) = kept.downcast_ref::<ListSet>() {
        let mut hits = Vec::new();
        for name in &misses {
            set.name(name, &mut hits);
        }
        for (bits, _) in v4.iter().take(1_000) {
            set.address(Ipv4Addr::from_bits(*bits).into(), &mut hits);
            hits.clear();
        }
    }
    println!("{:.2}", own_memory().saturating_sub(before) as f64 / 1024.0);
    drop(kept);
}

/// `RssAnon` of `/proc/self/status`, in KiB.
fn own_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

type Candidate<'a> = (&'a str, &'a mut dyn FnMut());

fn say(what: &str, candidates: &mut [Candidate<'_>]) {
    say_of(what, QUESTIONS as usize, candidates);
}

/// Prints nanoseconds a question for each candidate, and how many times the first one's that is.
fn say_of(what: &str, questions: usize, candidates: &mut [Candidate<'_>]) {
    let mut times = vec![Vec::new(); candidates.len()];
    for turn in 0..TURNS {
        for place in 0..candidates.len() {
            let number = (turn + place) % candidates.len();
            times[number].push(time(&mut candidates[number].1));
        }
    }
    println!("\n| {what} | ns | by the first |\n|---|---|---|");
    for ((name, _), of_it) in candidates.iter().zip(&times) {
        let mut ratios: Vec<f64> = of_it
            .iter()
            .zip(&times[0])
            .map(|(own, first)| own.as_secs_f64() / first.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let mut of_it = of_it.clone();
        of_it.sort_unstable();
        println!(
            "| {name} | {:.0} | {:.2} |",
            of_it[TURNS / 2].as_secs_f64() * 1e9 / questions as f64,
            ratios[TURNS / 2]
        );
    }
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..5).map(|_| time(&mut run)).collect();
    times.sort_unstable();
    times[2]
}

/// On the processor.
fn time(run: &mut dyn FnMut()) -> Duration {
    let now = || Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap());
    let begin = now();
    run();
    now() - begin
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
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

const TOP: [&str; 8] = ["test", "example", "invalid", "com.test", "net.test", "org.test", "io.test", "co.example"];

/// Half of them two labels below a suffix, some three, some one, as in published lists.
fn names() -> Vec<String> {
    (0..DOMAINS)
        .map(|number| {
            let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
            let top = TOP[random.below(8) as usize];
            match random.below(10) {
                0..3 => format!("host{number}.{top}"),
                3..9 => format!("{:x}.host{number}.{top}", random.low() >> 12),
                _ => format!("{:x}.cdn.host{number}.{top}", random.low() >> 12),
            }
        })
        .collect()
}

fn misses() -> Vec<String> {
    (0..QUESTIONS)
        .map(|number| format!("www{}.site{number}.{}.test", number % 7, ["com", "net", "org"][number as usize % 3]))
        .collect()
}

fn hits(names: &[String]) -> Vec<String> {
    (0..QUESTIONS)
        .map(|number| format!("www.{}", names[(number * 7_919 % DOMAINS) as usize]))
        .collect()
}

/// Four of five networks, of 16 to 32 bits.
fn v4() -> Vec<(u32, u8)> {
    let mut random = Random(1);
    (0..NETWORKS * 4 / 5)
        .map(|_| {
            let prefix = 16 + random.below(17);
            (random.low() & (u32::MAX << (32 - prefix)), prefix as u8)
        })
        .collect()
}

/// One of five, of 32 to 128 bits, in the blocks that registries give out.
fn v6() -> Vec<(u128, u8)> {
    let mut random = Random(3);
    (0..NETWORKS / 5)
        .map(|_| {
            let prefix = 32 + random.below(97);
            (random.wide() & (u128::MAX << (128 - prefix)), prefix as u8)
        })
        .collect()
}

fn written(names: &[String], v4: &[(u32, u8)], v6: &[(u128, u8)]) -> String {
    let mut text = names.join("\n") + "\n";
    for (bits, prefix) in v4 {
        text += &format!("{}/{prefix}\n", Ipv4Addr::from_bits(*bits));
    }
    for (bits, prefix) in v6 {
        text += &format!("{}/{prefix}\n", Ipv6Addr::from_bits(*bits));
    }
    text
}

/// xorshift64*, Marsaglia and Vigna.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn low(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    fn wide(&mut self) -> u128 {
        let block = [0x2001, 0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00][self.below(6) as usize];
        let block = block + if block == 0x2001 { 0 } else { self.below(16) as u128 };
        (block << 112) | (u128::from(self.next()) << 48) | u128::from(self.next() >> 16)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
