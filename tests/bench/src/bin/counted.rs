//! What each way to read costs, as a table: time, allocations, and instructions if valgrind is there.
//!
//! Times are medians of rounds in which all ways take turns; the ratio is to serde_json into the same struct. Instructions
//! are those of callgrind: this program runs itself under it, twice, and the difference is divided.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    env,
    process::Command,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use wicketgate_bench::reader::{Case, WAYS};

/// The system's allocator, counted.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

#[allow(unsafe_code)]
// SAFETY: all of it is the system's; counting changes nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const ROUNDS: usize = 31;

fn main() {
    let cases = Case::all();
    let arguments: Vec<usize> = env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    if let [case, way, times] = arguments[..] {
        (0..times).for_each(|_| (WAYS[way].1)(&cases[case]));
        return;
    }
    for (index, case) in cases.iter().enumerate() {
        println!("\n{}: {} bytes of JSON, {} of MsgPack\n", case.name, case.json.len(), case.msgpack.len());
        println!("| way | ns | ratio | allocations | instructions |\n|---|---|---|---|---|");
        let times = times(case);
        for (way, (name, run)) in WAYS.iter().enumerate() {
            let before = ALLOCATIONS.load(Relaxed);
            run(case);
            let allocations = ALLOCATIONS.load(Relaxed) - before;
            let instructions = instructions(index, way).map_or("–".to_owned(), |count| count.to_string());
            println!("| {name} | {:.0} | {:.2} | {allocations} | {instructions} |", times[way], times[way] / times[0]);
        }
        let before = ALLOCATIONS.load(Relaxed);
        drop(case.read_json());
        let json = ALLOCATIONS.load(Relaxed) - before;
        drop(case.read_msgpack());
        println!("\nThe reader alone: {json} and {} allocations.", ALLOCATIONS.load(Relaxed) - before - json);
    }
}

/// Nanoseconds of each way.
fn times(case: &Case) -> Vec<f64> {
    let started = Instant::now();
    (WAYS[0].1)(case);
    // Rounds of about a millisecond.
    let repeat = (1_000_000 / started.elapsed().as_nanos().max(100)).clamp(1, 5000) as u32;
    let mut rounds = vec![Vec::new(); WAYS.len()];
    for _ in 0..ROUNDS {
        for (way, (_, run)) in WAYS.iter().enumerate() {
            let started = Instant::now();
            (0..repeat).for_each(|_| run(case));
            rounds[way].push(started.elapsed().as_nanos() as f64 / f64::from(repeat));
        }
    }
    rounds.iter_mut().for_each(|way| way.sort_by(f64::total_cmp));
    rounds.iter().map(|way| way[ROUNDS / 2]).collect()
}

/// Instructions of one reading; `None` without valgrind.
fn instructions(case: usize, way: usize) -> Option<u64> {
    let counted = |times: u64| {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(env::current_exe().ok()?)
            .args([case.to_string(), way.to_string(), times.to_string()])
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse::<u64>().ok())
    };
    Some((counted(300)? - counted(100)?) / 200)
}
