//! Where the parts of a script stand: rhai's values carry no positions, so its syntax tree is read once for them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rhai::{AST, ASTNode, Expr, FnAccess, FnCallExpr, Position, Stmt};

use crate::error::Origin;

/// How an expression is written, as far as its parts have places of their own.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Where it begins.
    pub origin: Origin,
    kind: ShapeKind,
}

#[derive(Clone, Debug)]
enum ShapeKind {
    /// `#{ name: value, … }`, each with the place of its name.
    Record(Arc<Vec<(String, Origin, Shape)>>),
    /// `[value, …]`
    List(Arc<Vec<Shape>>),
    /// A variable of a function (or of the script itself).
    Variable(String, Scope),
    /// A call of a function of the same file.
    Call(Function),
    /// A call of a function of a module, by name and number of arguments.
    ModuleCall(String, usize),
    Other,
}

/// A file, and a function in it by name and number of parameters.
type Function = (Arc<str>, String, usize);
/// A file and, inside one of its functions, where that function begins.
type Scope = (Arc<str>, Option<Position>);

/// A word that takes plain truth values only, and so no conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoolWord {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `if`
    If,
    /// `while`, `until`
    While,
}

/// The arguments of a call, as written.
#[derive(Clone, Debug)]
struct Arguments {
    /// Whether the first argument stands before the dot.
    method: bool,
    shapes: Vec<Shape>,
}

/// What is known of where things stand, in all files of a script.
#[derive(Debug, Default)]
pub struct Places {
    calls: HashMap<Origin, Arguments>,
    variables: HashMap<(Scope, String), Option<Shape>>,
    returns: HashMap<Function, Shape>,
    bool_words: HashMap<Origin, (BoolWord, Origin)>,
    /// From a dot or bracket to the name or index behind it.
    members: HashMap<Origin, Origin>,
    functions: Vec<(String, Vec<String>)>,
    /// The first and the last place of each function's body.
    bodies: Vec<(Origin, Origin)>,
    names: HashSet<String>,
    keys: HashSet<String>,
}

impl Places {
    /// Reads a file's syntax tree.
    pub fn read(&mut self, file: &Arc<str>, ast: &AST) {
        let mut spans = Vec::new();
        for (.., function) in ast.shared_lib().iter_script_fn_info() {
            let parameters: Vec<String> = function.params.iter().map(ToString::to_string).collect();
            self.names.extend(parameters.iter().cloned());
            let name = function.name.to_string();
            let (start, end) = (function.body.start_position(), function.body.end_position());
            self.bodies.push((origin(file, start), origin(file, end)));
            spans.push((start, end, name.clone(), parameters.len()));
            if !name.starts_with("anon$") && matches!(function.access, FnAccess::Public) {
                self.functions.push((name, parameters));
            }
        }
        let mut reader = Reader { places: self, file, spans };
        ast.walk(&mut |path: &[ASTNode]| {
            match path.last() {
                Some(ASTNode::Stmt(statement)) => reader.statement(statement, path.len() == 1),
                Some(ASTNode::Expr(expression)) => reader.expression(expression),
                _ => {}
            }
            true
        });
    }

    /// How the argument of a call was written.
    pub fn argument(&self, call: &Origin, index: usize) -> Option<&Shape> {
        let arguments = self.calls.get(call)?;
        arguments.shapes.get(index.checked_sub(usize::from(arguments.method))?)
    }

    /// The entry of a record: its position in the order written, the place of its name, its value.
    pub fn entry(&self, shape: &Shape, name: &str) -> Option<(usize, Origin, Shape)> {
        match self.resolve(shape.clone())?.kind {
            ShapeKind::Record(entries) => {
                let index = entries.iter().position(|(other, ..)| other == name)?;
                let (_, origin, value) = &entries[index];
                Some((index, origin.clone(), value.clone()))
            }
            _ => None,
        }
    }

    /// The item of a list.
    pub fn item(&self, shape: &Shape, index: usize) -> Option<Shape> {
        match self.resolve(shape.clone())?.kind {
            ShapeKind::List(items) => items.get(index).cloned(),
            _ => None,
        }
    }

    /// Follows variables to their definitions and calls to what the function gives.
    fn resolve(&self, mut shape: Shape) -> Option<Shape> {
        const STEPS: usize = 8;
        for _ in 0..STEPS {
            shape = match shape.kind {
                ShapeKind::Variable(name, scope) => self.variables.get(&(scope, name))?.clone()?,
                ShapeKind::Call(function) => self.returns.get(&function)?.clone(),
                ShapeKind::ModuleCall(name, count) => {
                    let mut known = self.returns.iter().filter(|((_, n, c), _)| *n == name && *c == count);
                    match (known.next(), known.next()) {
                        (Some((_, shape)), None) => shape.clone(),
                        _ => return None,
                    }
                }
                _ => return Some(shape),
            };
        }
        None
    }

    /// The name or the index behind a dot or a bracket.
    pub fn member(&self, operator: &Origin) -> Option<&Origin> {
        self.members.get(operator)
    }

    /// The word that wanted a plain truth value here, and where it stands.
    pub fn bool_word(&self, origin: &Origin) -> Option<(BoolWord, Origin)> {
        self.bool_words.get(origin).cloned()
    }

    /// Whether a place is inside the body of a function of the script.
    pub fn is_inside_function(&self, place: &Origin) -> bool {
        self.bodies.iter().any(|(start, end)| start.file == place.file && (start..=end).contains(&place))
    }

    /// The script's own functions: names and parameters.
    pub fn functions(&self) -> &[(String, Vec<String>)] {
        &self.functions
    }

    /// The names of all variables and parameters.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The names of all entries of records.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }
}

/// The place of a position in a file.
pub fn origin(file: &Arc<str>, position: Position) -> Origin {
    Origin { file: file.clone(), line: position.line().unwrap_or(0), column: position.position().unwrap_or(0) }
}

struct Reader<'a> {
    places: &'a mut Places,
    file: &'a Arc<str>,
    /// Where each function's body begins and ends, its name and how many parameters it has.
    spans: Vec<(Position, Position, String, usize)>,
}

impl Reader<'_> {
    fn origin(&self, position: Position) -> Origin {
        origin(self.file, position)
    }

    /// The innermost function around a position.
    fn function(&self, position: Position) -> Option<&(Position, Position, String, usize)> {
        self.spans
            .iter()
            .filter(|(start, end, ..)| (*start..=*end).contains(&position))
            .max_by_key(|(start, ..)| *start)
    }

    fn scope(&self, position: Position) -> Scope {
        (self.file.clone(), self.function(position).map(|(start, ..)| *start))
    }

    fn statement(&mut self, statement: &Stmt, outermost: bool) {
        match statement {
            Stmt::Var(definition, ..) => {
                let (name, value, _) = &**definition;
                let shape = self.shape(value);
                let key = (self.scope(name.pos), name.name.to_string());
                self.places.names.insert(key.1.clone());
                // A name that is given a value twice has no one definition.
                let known = self.places.variables.contains_key(&key);
                self.places.variables.insert(key, (!known).then_some(shape));
            }
            Stmt::Assignment(assignment) => {
                if let Expr::Variable(name, _, position) = &assignment.1.lhs {
                    let key = (self.scope(*position), name.1.to_string());
                    self.places.variables.insert(key, None);
                }
            }
            Stmt::FnCall(call, position) => self.call(call, *position, false),
            Stmt::If(flow, position) => self.bool_word(&flow.expr, BoolWord::If, *position),
            Stmt::While(flow, position) | Stmt::Do(flow, _, position) => {
                self.bool_word(&flow.expr, BoolWord::While, *position);
            }
            Stmt::For(parts, _) => {
                self.places.names.insert(parts.0.name.to_string());
            }
            _ => {}
        }
        if outermost && let Some((.., name, parameters)) = self.function(statement.position()) {
            let key = (self.file.clone(), name.clone(), *parameters);
            // The last statement of a body is visited last, and gives the function's value.
            match statement {
                Stmt::Expr(value) => {
                    let shape = self.shape(value);
                    self.places.returns.insert(key, shape);
                }
                Stmt::Return(Some(value), ..) => {
                    let shape = self.shape(value);
                    self.places.returns.insert(key, shape);
                }
                _ => {
                    self.places.returns.remove(&key);
                }
            }
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::FnCall(call, position) => self.call(call, *position, false),
            Expr::MethodCall(call, position) => self.call(call, *position, true),
            Expr::And(operands, position) => {
                operands.iter().for_each(|operand| self.bool_word(operand, BoolWord::And, *position));
            }
            Expr::Or(operands, position) => {
                operands.iter().for_each(|operand| self.bool_word(operand, BoolWord::Or, *position));
            }
            Expr::Dot(parts, _, position) | Expr::Index(parts, _, position) => {
                let member = match &parts.rhs {
                    Expr::Dot(inner, ..) | Expr::Index(inner, ..) => inner.lhs.start_position(),
                    other => other.start_position(),
                };
                let (operator, member) = (self.origin(*position), self.origin(member));
                self.places.members.insert(operator, member);
            }
            Expr::Map(entries, _) => {
                self.places.keys.extend(entries.0.iter().map(|(name, _)| name.name.to_string()));
            }
            _ => {}
        }
    }

    fn bool_word(&mut self, operand: &Expr, word: BoolWord, position: Position) {
        let (operand, place) = (self.origin(operand.position()), self.origin(position));
        self.places.bool_words.insert(operand, (word, place));
    }

    fn call(&mut self, call: &FnCallExpr, position: Position, method: bool) {
        let shapes = call.args.iter().map(|argument| self.shape(argument)).collect();
        let origin = self.origin(position);
        self.places.calls.insert(origin, Arguments { method, shapes });
    }

    fn shape(&self, expression: &Expr) -> Shape {
        let kind = match expression {
            Expr::Map(entries, _) => {
                let entry = |(name, value): &(rhai::Ident, Expr)| {
                    (name.name.to_string(), self.origin(name.pos), self.shape(value))
                };
                ShapeKind::Record(Arc::new(entries.0.iter().map(entry).collect()))
            }
            Expr::Array(items, _) => ShapeKind::List(Arc::new(items.iter().map(|item| self.shape(item)).collect())),
            Expr::Variable(name, _, position) if name.2.is_empty() => {
                ShapeKind::Variable(name.1.to_string(), self.scope(*position))
            }
            Expr::FnCall(call, _) if call.is_qualified() => {
                ShapeKind::ModuleCall(call.name.to_string(), call.args.len())
            }
            Expr::FnCall(call, _) => ShapeKind::Call((self.file.clone(), call.name.to_string(), call.args.len())),
            _ => ShapeKind::Other,
        };
        Shape { origin: self.origin(start(expression)), kind }
    }
}

/// Where an expression begins: for an operator, where its left side does.
pub fn start(expression: &Expr) -> Position {
    match expression {
        Expr::FnCall(call, _) if call.is_operator_call() => {
            call.args.first().map_or(expression.start_position(), |left| match call.args.len() {
                1 => expression.start_position(),
                _ => start(left),
            })
        }
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => start(&parts.lhs),
        _ => expression.start_position(),
    }
}
