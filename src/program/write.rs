//! A program in words: the expression that it was made from, or one like it.

use crate::expr::{Binary, Unary};
use crate::program::{Operator, Program};

/// How tightly something binds that needs no parentheses anywhere.
const ATOM: u8 = 8;

/// An expression as a script would write it, and how tightly its last operator binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    text: String,
    binding: u8,
}

impl Expression {
    /// A name, or whatever else needs no parentheses.
    pub fn name(text: impl Into<String>) -> Self {
        Self { text: text.into(), binding: ATOM }
    }

    /// A number.
    pub fn number(value: f64) -> Self {
        let binding = if value.is_sign_negative() { ATOM - 1 } else { ATOM };
        Self { text: value.to_string(), binding }
    }

    /// An operator on expressions, with parentheses where they are needed and nowhere else.
    pub fn apply(operator: Operator, operands: &[Expression]) -> Self {
        let texts = || operands.iter().map(|operand| operand.text.as_str()).collect::<Vec<_>>().join(", ");
        // How tightly it binds, and how tightly what stands at its left and right must.
        let (binding, left, right) = match operator {
            Operator::Or => (1, 1, 1),
            Operator::And => (2, 2, 2),
            Operator::Compare(_) => (3, 4, 4),
            Operator::Binary(Binary::Add | Binary::Subtract) => (4, 4, 5),
            Operator::Binary(Binary::Multiply | Binary::Divide | Binary::Remainder) => (5, 5, 6),
            Operator::Binary(Binary::Power) => (6, ATOM, ATOM),
            Operator::Unary(Unary::Negate) => (ATOM - 1, ATOM, ATOM),
            Operator::Binary(Binary::Minimum | Binary::Maximum)
            | Operator::Unary(_)
            | Operator::Select
            | Operator::Not => return Self::name(format!("{}({})", operator.name(), texts())),
        };
        let operand = |index: usize, least: u8| match operands.get(index) {
            Some(operand) if operand.binding < least => format!("({})", operand.text),
            Some(operand) => operand.text.clone(),
            None => String::new(),
        };
        let text = match operator.arity() {
            1 => format!("{}{}", operator.name(), operand(0, left)),
            _ => format!("{} {} {}", operand(0, left), operator.name(), operand(1, right)),
        };
        Self { text, binding }
    }

    /// The expression, with something after it that binds more tightly than any operator.
    pub fn followed_by(&self, suffix: &str) -> Self {
        match self.binding {
            ATOM => Self::name(format!("{}{suffix}", self.text)),
            _ => Self::name(format!("({}){suffix}", self.text)),
        }
    }

    /// The expression.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A program in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What it gives, an expression each.
    pub results: Vec<String>,
    /// What several of them, or several places in one, have in common: its name, `$1`, and what it stands
    /// for. Each stands for something of inputs and of parts before it.
    pub parts: Vec<(String, String)>,
}

impl Program {
    /// The program in words, with a name for each input. Its length grows with the number of operators:
    /// what is used more than once is written once.
    ///
    /// ```
    /// use timeweave::expr::Binary;
    /// use timeweave::program::{Builder, Operator};
    ///
    /// let mut builder = Builder::new();
    /// let (a, b, two) = (builder.input(), builder.input(), builder.constant(2.0));
    /// let sum = builder.apply(Operator::Binary(Binary::Add), &[a, b]);
    /// let mean = builder.apply(Operator::Binary(Binary::Divide), &[sum, two]);
    /// assert_eq!(builder.finish(&[mean]).write(&["high", "low"]).results, ["(high + low) / 2"]);
    /// ```
    pub fn write(&self, names: &[impl AsRef<str>]) -> Written {
        let first = self.inputs + self.constants.len();
        let mut uses = vec![0_usize; first + self.code.len()];
        let operands = self.code.iter().flat_map(|code| &code.operands[..code.operator.arity()]);
        operands.map(|register| *register as usize).chain(self.results.iter().copied()).for_each(|register| {
            uses[register] += 1;
        });
        let name =
            |input: usize| names.get(input).map_or_else(|| format!("input {}", input + 1), |n| n.as_ref().into());
        let inputs = (0..self.inputs).map(|input| Expression::name(name(input)));
        let mut registers: Vec<Expression> =
            inputs.chain(self.constants.iter().copied().map(Expression::number)).collect();
        let mut parts = Vec::new();
        for code in &self.code {
            let operands = &code.operands[..code.operator.arity()];
            let operands: Vec<Expression> =
                operands.iter().map(|register| registers[*register as usize].clone()).collect();
            let expression = Expression::apply(code.operator, &operands);
            registers.push(match uses[registers.len()] {
                0 | 1 => expression,
                _ => {
                    let name = format!("${}", parts.len() + 1);
                    parts.push((name.clone(), expression.text));
                    Expression::name(name)
                }
            });
        }
        let results = self.results.iter().map(|register| registers[*register].text.clone()).collect();
        Written { results, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Comparison;
    use crate::program::{Builder, Handle};

    fn apply(builder: &mut Builder, operator: Operator, operands: &[Handle]) -> Handle {
        builder.apply(operator, operands)
    }

    #[test]
    fn parentheses_stand_where_the_meaning_needs_them() {
        let name = |text| Expression::name(text);
        let binary = |operator, a: &Expression, b: &Expression| {
            Expression::apply(Operator::Binary(operator), &[a.clone(), b.clone()])
        };
        let (a, b, c) = (name("a"), name("b"), name("c"));
        let difference = binary(Binary::Subtract, &b, &c);
        assert_eq!(binary(Binary::Subtract, &a, &difference).text(), "a - (b - c)");
        assert_eq!(binary(Binary::Subtract, &difference, &a).text(), "b - c - a");
        assert_eq!(binary(Binary::Multiply, &difference, &a).text(), "(b - c) * a");
        assert_eq!(binary(Binary::Add, &binary(Binary::Divide, &b, &c), &a).text(), "b / c + a");
        assert_eq!(binary(Binary::Power, &Expression::number(-2.0), &a).text(), "(-2) ** a");
        assert_eq!(binary(Binary::Maximum, &difference, &a).text(), "max(b - c, a)");
        let negated = Expression::apply(Operator::Unary(Unary::Negate), std::slice::from_ref(&difference));
        assert_eq!(negated.text(), "-(b - c)");
        let above = Expression::apply(Operator::Compare(Comparison::Greater), &[difference, a.clone()]);
        let either = Expression::apply(Operator::Or, &[above.clone(), name("d")]);
        assert_eq!(Expression::apply(Operator::And, &[either.clone(), above]).text(), "(b - c > a or d) and b - c > a");
        assert_eq!(Expression::apply(Operator::Not, &[either]).text(), "not(b - c > a or d)");
    }

    #[test]
    fn what_is_used_twice_is_written_once() {
        let mut builder = Builder::new();
        let mut value = builder.input();
        // Written out, it would be 2^40 names long.
        for _ in 0..40 {
            value = apply(&mut builder, Operator::Binary(Binary::Add), &[value, value]);
        }
        let written = builder.finish(&[value]).write(&["a"]);
        assert_eq!(written.parts.first(), Some(&("$1".into(), "a + a".into())));
        assert_eq!((written.parts.len(), written.results[0].as_str()), (39, "$39 + $39"));
    }
}
