//! A value held against a compiled schema.

use super::super::error::Fault;
use super::super::json::Json;
use super::{Additional, Bounds, Node, Schema, Type, format};

/// One step of the way from the document's root to a value.
enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

/// The way to the value at hand, and whether a fault is to be told in words: of alternatives only the outcome counts.
struct Walk<'p> {
    steps: Vec<Step<'p>>,
    told: bool,
}

/// A value that is refused; in words if the walk tells them.
type Refused = Option<Box<Fault>>;

impl Walk<'_> {
    fn refuse(
        &self,
        expected: impl FnOnce() -> String,
        found: impl FnOnce() -> String,
        advice: &str,
    ) -> Refused {
        self.told.then(|| Box::new(Fault::new(self.place(), expected(), found(), advice)))
    }

    fn place(&self) -> String {
        if self.steps.is_empty() {
            return "/".to_owned();
        }
        let mut place = String::new();
        for step in &self.steps {
            match step {
                Step::Name(name) => place = super::pointer(&place, name),
                Step::Index(index) => place = format!("{place}/{index}"),
            }
        }
        place
    }
}

impl Schema {
    /// Whether a document is what the schema demands; if not, the first fault in the order of the schema's keywords.
    pub(in super::super) fn check(&self, document: &Json<'_>) -> Result<(), Fault> {
        let mut walk = Walk { steps: Vec::new(), told: false };
        if self.node(0, document, &mut walk).is_ok() {
            return Ok(());
        }
        walk = Walk { steps: Vec::new(), told: true };
        match self.node(0, document, &mut walk) {
            Err(Some(fault)) => Err(*fault),
            Err(None) => Err(Fault::new("/", "a valid document", "another", "see its schema")),
            Ok(()) => Ok(()),
        }
    }

    fn node<'p>(
        &self,
        index: usize,
        value: &'p Json<'_>,
        walk: &mut Walk<'p>,
    ) -> Result<(), Refused> {
        let Some(node) = self.nodes.get(index) else { return Ok(()) };
        if let Some(target) = node.reference {
            return self.node(target, value, walk);
        }
        kind(node, value, walk)?;
        choices(node, value, walk)?;
        match value {
            Json::Text(text) => check_text(node, text, walk)?,
            Json::Number(number) => {
                check_bounds(node.range, *number, walk, "a number", || value.shown())?;
            }
            Json::List(items) => self.list(node, items, walk)?,
            Json::Object(members) => self.object(node, value, members, walk)?,
            Json::Null | Json::Bool(_) => {}
        }
        self.combined(node, value, walk)
    }

    fn list<'p>(
        &self,
        node: &Node,
        items: &'p [Json<'_>],
        walk: &mut Walk<'p>,
    ) -> Result<(), Refused> {
        #[expect(clippy::cast_precision_loss, reason = "a length in memory is far below 2^53")]
        let count = items.len() as f64;
        check_bounds(node.item_count, count, walk, "a list with a number of items", || {
            format!("{} items", items.len())
        })?;
        for (index, item) in items.iter().enumerate() {
            let Some(schema) = node.first_items.get(index).copied().or(node.items) else { break };
            walk.steps.push(Step::Index(index));
            self.node(schema, item, walk)?;
            walk.steps.pop();
        }
        if node.closed && !node.first_items.is_empty() && items.len() > node.first_items.len() {
            return Err(walk.refuse(
                || format!("at most {} items", node.first_items.len()),
                || format!("{} items", items.len()),
                "leave the others out",
            ));
        }
        if node.unique_items && items.len() > 1 {
            let mut sorted: Vec<usize> = (0..items.len()).collect();
            let of = |index: &usize| items.get(*index).unwrap_or(&Json::Null);
            sorted.sort_by(|left, right| of(left).order(of(right)));
            let twins = sorted.iter().zip(sorted.iter().skip(1));
            for (left, right) in twins {
                if of(left).order(of(right)).is_eq() {
                    return Err(walk.refuse(
                        || "a list in which no item stands twice".to_owned(),
                        || format!("items {left} and {right} alike: {}", of(left).shown()),
                        "leave one of them out",
                    ));
                }
            }
        }
        Ok(())
    }

    fn object<'p>(
        &self,
        node: &Node,
        value: &'p Json<'_>,
        members: &'p [(std::borrow::Cow<'_, str>, Json<'_>)],
        walk: &mut Walk<'p>,
    ) -> Result<(), Refused> {
        for name in &node.required {
            if value.get(name).is_none() {
                return Err(walk.refuse(
                    || format!("the member `{name}`"),
                    || "an object without it".to_owned(),
                    "add it: this version of the standard requires it",
                ));
            }
        }
        for (name, member) in members {
            let key = (name.len(), name.as_ref());
            let known =
                node.properties.binary_search_by_key(&key, |(other, _)| (other.len(), other));
            let schema = known.ok().and_then(|at| node.properties.get(at)).map(|found| found.1);
            let schema = match (schema, node.additional) {
                (Some(schema), _) | (None, Some(Additional::As(schema))) => schema,
                (None, None) => continue,
                (None, Some(Additional::Forbidden)) => {
                    walk.steps.push(Step::Name(name));
                    let refused = walk.refuse(
                        || format!("one of {}", names(node)),
                        || format!("`{name}`"),
                        "remove it, or use the version of the standard that has it",
                    );
                    return Err(refused);
                }
            };
            walk.steps.push(Step::Name(name));
            self.node(schema, member, walk)?;
            walk.steps.pop();
        }
        Ok(())
    }

    fn combined<'p>(
        &self,
        node: &Node,
        value: &'p Json<'_>,
        walk: &mut Walk<'p>,
    ) -> Result<(), Refused> {
        for schema in &node.all_of {
            self.node(*schema, value, walk)?;
        }
        if !node.any_of.is_empty() && self.count(&node.any_of, value) == 0 {
            return Err(self.nearest(&node.any_of, value, walk));
        }
        if !node.one_of.is_empty() {
            match self.count(&node.one_of, value) {
                1 => {}
                0 => return Err(self.nearest(&node.one_of, value, walk)),
                several => {
                    return Err(walk.refuse(
                        || format!("exactly one of {} alternatives", node.one_of.len()),
                        || format!("{} that fits {several} of them", value.kind()),
                        "keep the members of one alternative only",
                    ));
                }
            }
        }
        if let Some(schema) = node.not
            && self.holds(schema, value)
        {
            return Err(walk.refuse(
                || self.forbidden(schema),
                || format!("{} that has them", value.kind()),
                "these members exclude each other: keep one",
            ));
        }
        if let Some(condition) = node.condition {
            let chosen = if self.holds(condition.when, value) {
                condition.then
            } else {
                condition.otherwise
            };
            if let Some(schema) = chosen {
                self.node(schema, value, walk)?;
            }
        }
        Ok(())
    }

    fn holds(&self, schema: usize, value: &Json<'_>) -> bool {
        self.node(schema, value, &mut Walk { steps: Vec::new(), told: false }).is_ok()
    }

    fn count(&self, schemas: &[usize], value: &Json<'_>) -> usize {
        schemas.iter().filter(|schema| self.holds(**schema, value)).count()
    }

    /// The fault of the alternative that came furthest into the value: most likely the one that was meant.
    fn nearest<'p>(&self, schemas: &[usize], value: &'p Json<'_>, walk: &mut Walk<'p>) -> Refused {
        if !walk.told {
            return None;
        }
        let depth = walk.steps.len();
        let mut nearest: Refused = None;
        for schema in schemas {
            if let Err(Some(fault)) = self.node(*schema, value, walk) {
                let further = |old: &Fault| slashes(&fault.place) > slashes(&old.place);
                if nearest.as_deref().is_none_or(further) {
                    nearest = Some(fault);
                }
            }
            walk.steps.truncate(depth);
        }
        nearest
    }

    /// In words, what a `not` excludes.
    fn forbidden(&self, schema: usize) -> String {
        let required = self.nodes.get(schema).map(|node| node.required.join("`, `"));
        match required.filter(|names| !names.is_empty()) {
            Some(names) => format!("an object without `{names}`"),
            None => "none of what the standard excludes here".to_owned(),
        }
    }
}

fn slashes(place: &str) -> usize {
    place.bytes().filter(|byte| *byte == b'/').count()
}

fn names(node: &Node) -> String {
    let mut names: Vec<&str> = node.properties.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    format!("`{}`", names.join("`, `"))
}

fn kind(node: &Node, value: &Json<'_>, walk: &Walk<'_>) -> Result<(), Refused> {
    let fits = |kind: &Type| match (kind, value) {
        (Type::Object, Json::Object(_))
        | (Type::List, Json::List(_))
        | (Type::Text, Json::Text(_))
        | (Type::Number, Json::Number(_))
        | (Type::Bool, Json::Bool(_))
        | (Type::Null, Json::Null) => true,
        (Type::Integer, Json::Number(number)) => number.fract() == 0.0,
        _ => false,
    };
    if node.types.is_empty() || node.types.iter().any(fits) {
        return Ok(());
    }
    let expected = || node.types.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ");
    Err(walk.refuse(expected, || value.shown(), "write a value of that type"))
}

fn choices(node: &Node, value: &Json<'_>, walk: &Walk<'_>) -> Result<(), Refused> {
    let Some(choices) = &node.choices else { return Ok(()) };
    if choices.binary_search_by(|choice| choice.order(value)).is_ok() {
        return Ok(());
    }
    let expected = || {
        const SHOWN: usize = 40;
        let shown: Vec<String> = choices.iter().take(SHOWN).map(Json::shown).collect();
        let more = choices.len().saturating_sub(SHOWN);
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("one of {}{tail}", shown.join(", "))
    };
    Err(walk.refuse(expected, || value.shown(), "use one of the standard's words"))
}

fn check_text(node: &Node, text: &str, walk: &Walk<'_>) -> Result<(), Refused> {
    if let Some(pattern) = &node.pattern
        && !pattern.matches(text)
    {
        return Err(walk.refuse(
            || pattern.shown(),
            || super::super::error::quoted(text),
            "write it in that form",
        ));
    }
    if let Some(name) = node.format
        && !format::holds(name, text)
    {
        return Err(walk.refuse(
            || format::described(name).to_owned(),
            || super::super::error::quoted(text),
            "write it in that form",
        ));
    }
    if node.length.least.is_none() && node.length.most.is_none() {
        return Ok(());
    }
    #[expect(clippy::cast_precision_loss, reason = "a length in memory is far below 2^53")]
    let length = text.chars().count() as f64;
    check_bounds(node.length, length, walk, "a text with a number of characters", || {
        super::super::error::quoted(text)
    })
}

fn check_bounds(
    bounds: Bounds,
    number: f64,
    walk: &Walk<'_>,
    what: &str,
    found: impl FnOnce() -> String,
) -> Result<(), Refused> {
    let below = bounds.least.is_some_and(|least| number < least);
    let above = bounds.most.is_some_and(|most| number > most);
    if !below && !above {
        return Ok(());
    }
    let side = |bound: Option<f64>| bound.map_or("any".to_owned(), |bound| bound.to_string());
    let expected = || format!("{what} from {} to {}", side(bounds.least), side(bounds.most));
    Err(walk.refuse(expected, found, "bring it into that range"))
}
