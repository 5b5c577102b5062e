//! A value beside a JSON Schema: as much of the draft of 2020-12 as the schemas of this repository use.

use serde_json::{Map, Value};

/// What is wrong with a value, with its place.
pub(super) fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Check { root: schema }.value("", schema, value, &mut found);
    found
}

struct Check<'a> {
    root: &'a Value,
}

impl Check<'_> {
    fn value(&self, at: &str, schema: &Value, value: &Value, found: &mut Vec<String>) {
        for (keyword, asked) in schema.as_object().unwrap() {
            match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" | "required" => {}
                "$ref" => {
                    let pointer = asked.as_str().unwrap().strip_prefix('#').unwrap();
                    self.value(at, self.root.pointer(pointer).unwrap(), value, found);
                }
                "type" => {
                    let one = |name: &Value| is(name.as_str().unwrap(), value);
                    if !asked.as_array().map_or_else(|| one(asked), |names| names.iter().any(one)) {
                        found.push(format!("{at}: {value} is not of type {asked}"));
                    }
                }
                "minimum" => {
                    if value.as_f64().is_some_and(|number| number < asked.as_f64().unwrap()) {
                        found.push(format!("{at}: {value} is below {asked}"));
                    }
                }
                "anyOf" => self.any(at, asked.as_array().unwrap(), value, found),
                "enum" => {
                    if !asked.as_array().unwrap().contains(value) {
                        found.push(format!("{at}: {value} is none of {asked}"));
                    }
                }
                "items" => {
                    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(&format!("{at}/{place}"), asked, item, found);
                    }
                }
                "properties" => self.properties(at, schema, asked.as_object().unwrap(), value, found),
                "additionalProperties" => self.others(at, schema, asked, value, found),
                other => panic!("the schema uses `{other}`, which this check does not know"),
            }
        }
    }

    fn any(&self, at: &str, schemas: &[Value], value: &Value, found: &mut Vec<String>) {
        let faults = schemas.iter().map(|schema| {
            let mut faults = Vec::new();
            self.value(at, schema, value, &mut faults);
            faults
        });
        let all: Vec<Vec<String>> = faults.collect();
        if all.iter().all(|faults| !faults.is_empty()) {
            found.push(format!("{at}: {value} is none of what is allowed"));
        }
    }

    fn properties(&self, at: &str, schema: &Value, known: &Map<String, Value>, value: &Value, found: &mut Vec<String>) {
        let Some(object) = value.as_object() else { return };
        let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
        found.extend(required.filter(|name| !object.contains_key(*name)).map(|name| format!("{at}: no {name}")));
        for (name, schema) in known {
            if let Some(value) = object.get(name) {
                self.value(&format!("{at}/{name}"), schema, value, found);
            }
        }
    }

    /// The properties that the schema does not name: refused, or each of one kind.
    fn others(&self, at: &str, schema: &Value, asked: &Value, value: &Value, found: &mut Vec<String>) {
        for (name, value) in value.as_object().into_iter().flatten() {
            match asked {
                _ if schema["properties"].get(name).is_some() => {}
                Value::Bool(false) => found.push(format!("{at}/{name}: not known")),
                kind => self.value(&format!("{at}/{name}"), kind, value, found),
            }
        }
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the schema uses the type `{other}`"),
    }
}
