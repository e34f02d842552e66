//! The rules of the house: each file uses only floors below its own, no files use each other in a circle, the floors
//! are drawn as they are, and code for a level of vector instructions asks for no more than the level has.
//!
//! What counts as use is a path in the text: in a `use`, or in the code. Tests may look at everything, so what stands
//! under `#[cfg(test)]` is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rooms of each floor, from the ground up. Rooms of one floor do not use each other.
const FLOORS: [&[&str]; 9] = [
    &["base"],
    &["cpu"],
    &["arithmetic"],
    &["bitmap", "primality"],
    &["sieve"],
    &["bucket_sieve", "large"],
    &["interval"],
    &["output"],
    &["pi"],
];

/// The path of a module: empty for the root.
type Module = Vec<String>;

/// A crate: the text of each module.
type Modules = BTreeMap<Module, String>;

/// Read the files of a folder.
fn read(folder: &Path, parent: &Module, modules: &mut Modules) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if path.is_dir() {
            read(&path, &[&parent[..], &[name]].concat(), modules);
        } else if let Some(name) = name.strip_suffix(".rs") {
            let is_parent = name == "mod" || name == "lib";
            let module = if is_parent { parent.clone() } else { [&parent[..], &[name.to_string()]].concat() };
            modules.insert(module, fs::read_to_string(path).unwrap());
        }
    }
}

fn read_core() -> Modules {
    let mut modules = Modules::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &Module::new(), &mut modules);
    modules
}

/// The words and signs of a text without its comments and tests.
fn tokens(text: &str) -> Vec<&str> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.flat_map(tokens_of_line).collect()
}

fn tokens_of_line(mut line: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    while let Some(first) = line.chars().next() {
        let word = line.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(line.len());
        let len = if word > 0 {
            word
        } else if line.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            tokens.push(&line[..len]);
        }
        line = &line[len..];
    }
    tokens
}

/// Append all paths that begin with `path`, and go on with the tokens from `at` on; where they end.
fn expand(tokens: &[&str], mut at: usize, mut path: Module, paths: &mut Vec<Module>) -> usize {
    let is_word = |token: &&str| token.starts_with(|c: char| c.is_alphabetic() || c == '_');
    loop {
        match tokens.get(at) {
            Some(word) if is_word(word) => path.push((*word).to_string()),
            Some(&"{") => {
                at += 1;
                while tokens.get(at).is_some_and(|&token| token != "}") {
                    at = if tokens[at] == "," { at + 1 } else { expand(tokens, at, path.clone(), paths) };
                }
                return at + 1;
            }
            _ => {
                paths.push(path);
                return at.max(1) + usize::from(tokens.get(at) == Some(&"*"));
            }
        }
        at += 1;
        if tokens.get(at) != Some(&"::") {
            paths.push(path);
            // `use a as b` is a path all the same.
            return if tokens.get(at) == Some(&"as") { at + 2 } else { at };
        }
        at += 1;
    }
}

/// All paths of two words and more.
fn paths(tokens: &[&str]) -> Vec<Module> {
    let mut paths = Vec::new();
    for at in 0..tokens.len() {
        let begins = tokens.get(at + 1) == Some(&"::") && (at == 0 || tokens[at - 1] != "::");
        // Within braces, words go on a path that began before them; what they would mean by themselves does no harm.
        if begins {
            expand(tokens, at, Module::new(), &mut paths);
        }
    }
    paths
}

/// The modules that a module uses.
fn used(module: &Module, text: &str, modules: &Modules) -> BTreeSet<Module> {
    let tokens = tokens(text);
    let mut used = BTreeSet::new();
    for path in paths(&tokens) {
        let mut rest = &path[..];
        let mut target = match path[0].as_str() {
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => module[..module.len() - 1].to_vec(),
            first if modules.contains_key(&[&module[..], &[first.to_string()]].concat()) => {
                [&module[..], &[first.to_string()]].concat()
            }
            _ => continue,
        };
        rest = &rest[1..];
        while let Some((next, behind)) = rest.split_first() {
            let below = [&target[..], std::slice::from_ref(next)].concat();
            target = match next.as_str() {
                "super" => target[..target.len() - 1].to_vec(),
                _ if modules.contains_key(&below) => below,
                _ => break,
            };
            rest = behind;
        }
        // The last module may be named without anything in it: `use super::avx512`.
        if target != *module {
            used.insert(target);
        }
    }
    used
}

/// The floor of a module; the root stands above them all.
fn floor(module: &Module) -> usize {
    module.first().map_or(FLOORS.len(), |room| {
        let floor = FLOORS.iter().position(|rooms| rooms.contains(&room.as_str()));
        floor.unwrap_or_else(|| panic!("{room} stands on no floor"))
    })
}

/// What breaks the rules.
fn faults(modules: &Modules) -> Vec<String> {
    // Modules that are compiled for tests alone.
    let for_tests = |module: &Module| {
        let name = module.last().map_or("", String::as_str);
        let parent = &module[..module.len().saturating_sub(1)];
        modules.get(parent).is_some_and(|text| text.contains(&format!("#[cfg(test)]\nmod {name};")))
    };
    let uses: BTreeMap<&Module, BTreeSet<Module>> = modules
        .iter()
        .filter(|(module, _)| !(0..=module.len()).any(|len| for_tests(&module[..len].to_vec())))
        .map(|(module, text)| (module, used(module, text, modules)))
        .collect();
    let mut faults = Vec::new();
    for (&from, targets) in &uses {
        for to in targets {
            let same_room = from.first() == to.first();
            if !same_room && floor(to) >= floor(from) {
                faults.push(format!("{} reaches up to {}", from.join("::"), to.join("::")));
            }
        }
    }
    // Take away what uses nothing that is left, and what nothing uses that is left: circles remain.
    let mut left = uses;
    while let Some(free) = left.iter().map(|(&module, _)| module).find(|&module| {
        let uses_none = left[module].iter().all(|to| !left.contains_key(to));
        uses_none || left.values().all(|targets| !targets.contains(module))
    }) {
        left.remove(free);
    }
    for (from, targets) in &left {
        for to in targets.iter().filter(|to| left.contains_key(to)) {
            faults.push(format!("{} uses {} in a circle", from.join("::"), to.join("::")));
        }
    }
    faults
}

#[test]
fn no_file_reaches_up_and_none_uses_itself_in_a_circle() {
    assert_eq!(faults(&read_core()), Vec::<String>::new());
}

#[test]
fn every_room_stands_on_a_floor_and_every_floor_has_its_rooms() {
    let modules = read_core();
    let rooms: BTreeSet<&str> = modules.keys().filter_map(|module| module.first()).map(String::as_str).collect();
    assert_eq!(rooms, FLOORS.concat().into_iter().collect());
}

/// The core with one line more in one of its files.
fn core_with(module: &str, line: &str) -> Modules {
    let mut modules = read_core();
    let text = modules.get_mut(&module.split("::").map(String::from).collect::<Module>()).unwrap();
    text.insert_str(0, line);
    modules
}

#[test]
fn a_wrong_use_is_found() {
    for (module, line, expected) in [
        // To the floor above, in each form that a path can have.
        (
            "sieve::low_bitmap",
            "use crate::interval::chunks::Chunks;\n",
            "sieve::low_bitmap reaches up to interval::chunks",
        ),
        (
            "sieve::low_bitmap",
            "use crate::{base, output::{count::count}};\n",
            "sieve::low_bitmap reaches up to output::count",
        ),
        ("base::memory", "fn f() -> u64 { crate::pi::prime_pi(1) }\n", "base::memory reaches up to pi"),
        (
            "bucket_sieve::span",
            "use super::super::interval::chunks as c;\n",
            "bucket_sieve::span reaches up to interval::chunks",
        ),
        // To the root, which has everything; and to a room of the same floor.
        ("primality::one", "use crate::count;\n", "primality::one reaches up to "),
        ("primality::one", "use crate::bitmap::clip;\n", "primality::one reaches up to bitmap::clip"),
        // In circles: through a parent, and between siblings.
        ("bitmap::decode::avx512", "use super::decode;\n", "bitmap::decode uses bitmap::decode::avx512 in a circle"),
        (
            "sieve::low_bitmap",
            "use super::class_sieve::ClassSieve;\n",
            "sieve::low_bitmap uses sieve::class_sieve in a circle",
        ),
    ] {
        let faults = faults(&core_with(module, line));
        assert!(faults.iter().any(|fault| fault == expected), "{line}: {faults:?}");
    }
}

#[test]
fn tests_may_look_at_everything() {
    let text = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use crate::count;\n}\n// crate::pi::prime_pi\n";
    let mut modules = read_core();
    modules.insert(vec!["base".into(), "error".into()], text.into());
    assert_eq!(faults(&modules), Vec::<String>::new());
}

/// In the drawings each floor has a line that begins with its number, and then names its rooms.
#[test]
fn the_floors_are_drawn_as_they_are() {
    for drawing in ["../README.md", "../../docs/explanation/architecture.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(drawing)).unwrap();
        for (floor, rooms) in FLOORS.iter().enumerate() {
            let drawn = rooms.iter().all(|room| {
                text.lines().any(|line| {
                    let mut words = line.split_whitespace();
                    words.next() == Some(&floor.to_string()) && words.next() == Some(&format!("{room}/"))
                })
            });
            assert!(drawn, "{drawing} does not draw floor {floor}: {rooms:?}");
        }
    }
}

#[test]
fn code_for_a_level_asks_for_what_the_level_has() {
    let modules = read_core();
    let level = &modules[&vec!["cpu".to_string(), "level".to_string()]];
    let features_of = |name: &str| -> BTreeSet<&str> {
        let list = level.split(&format!("macro_rules! features_of_{name} ")).nth(1).unwrap();
        let list = list.split('[').find(|part| part.trim_start().starts_with('"')).unwrap();
        list.split(']').next().unwrap().split('"').skip(1).step_by(2).collect()
    };
    let mut checked = 0;
    for name in ["avx2", "avx512"] {
        let has = features_of(name);
        for (module, text) in modules.iter().filter(|(module, _)| module.last().is_some_and(|last| last == name)) {
            for asked in text.split("target_feature(enable = \"").skip(1) {
                let asked: BTreeSet<&str> = asked.split('"').next().unwrap().split(',').collect();
                assert!(asked.is_subset(&has), "{}: {asked:?}", module.join("::"));
                checked += 1;
            }
        }
    }
    assert!(checked > 20);
}
