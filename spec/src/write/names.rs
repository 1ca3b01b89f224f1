//! Names of types where the types of all actions stand side by side: `HelloParams` of the action `example` becomes
//! `ExampleHelloParams`.

use std::collections::{BTreeSet, HashMap};

use crate::{
    document::{Action, Command},
    model::TypeId,
};

/// The names that an action's types have in documents.
pub(super) struct Names(HashMap<TypeId, String>);

impl Names {
    /// The names for the types of each action, in the order of the actions. `Output` is added to the name of a type that
    /// is answered with, if what is read has that name already.
    pub(super) fn all(actions: &[&Action]) -> Vec<Self> {
        // What stands beside them in the documents.
        let own = ["Error", "Problem", "Bytes", "Detail", "WicketgateError", "Format", "ClientOptions", "CallOptions"];
        let own = own.into_iter().chain(["CommonParams", "Client"]).map(str::to_owned);
        let commands = actions.iter().flat_map(|action| &action.commands);
        let mut taken: BTreeSet<String> = own.chain(commands.map(|command| request(&command.name))).collect();
        actions.iter().map(|action| Self::of(action, &mut taken)).collect()
    }

    fn of(action: &Action, taken: &mut BTreeSet<String>) -> Self {
        let mut names = HashMap::new();
        let inputs = action.commands.iter().map(|command| command.params).chain([action.config]);
        let outputs = action.commands.iter().flat_map(Command::values);
        let roots = inputs.map(|id| (id, "")).chain(outputs.map(|id| (id, "Output")));
        for (root, suffix) in roots {
            for id in action.graph.named_within(root) {
                let Some(named) = action.graph.named(id).filter(|_| !names.contains_key(&id)) else { continue };
                let wanted = pascal(&action.client) + &pascal(&named.name);
                let later = [wanted.clone(), wanted.clone() + suffix].into_iter();
                let mut free = later.chain((2..).map(|number| format!("{wanted}{suffix}{number}")));
                if let Some(name) = free.find(|name| taken.insert(name.clone())) {
                    names.insert(id, name);
                }
            }
        }
        Self(names)
    }

    /// The name of a type, if it has one.
    pub(super) fn get(&self, id: TypeId) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }
}

/// The name of the message that calls a command.
pub(super) fn request(command: &str) -> String {
    pascal(command) + "Request"
}

/// The name with a capital letter first, and without what is no letter or digit, as in the names of generic types.
pub(super) fn pascal(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    if name.is_empty() { "Type".to_owned() } else { name }
}
