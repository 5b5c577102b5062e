//! Columns of words, as columns of numbers: one for each word.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::data::Column;
use crate::error::{Diagnostic, Result};

/// How many words a column may have.
const MOST: usize = 50;

/// A name of lower-case letters, digits and underscores.
pub(super) fn plain(name: &str) -> String {
    let name = name.trim().trim_start_matches('\u{feff}').to_lowercase();
    name.chars().map(|character| if character.is_alphanumeric() { character } else { '_' }).collect()
}

/// The words of a column, none where there is none.
pub(super) fn read(name: &str, array: &ArrayRef) -> Result<Vec<Option<String>>> {
    let own = |word: Option<&str>| word.map(str::to_owned);
    match array.data_type() {
        DataType::Utf8 => Ok(array.as_string::<i32>().iter().map(own).collect()),
        DataType::LargeUtf8 => Ok(array.as_string::<i64>().iter().map(own).collect()),
        DataType::Utf8View => Ok(array.as_string_view().iter().map(own).collect()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let words = read(name, dictionary.values())?;
            let keys = dictionary.normalized_keys();
            let word = |(row, key): (usize, usize)| words.get(key).cloned().flatten().filter(|_| array.is_valid(row));
            Ok(keys.into_iter().enumerate().map(word).collect())
        }
        other => Err(Diagnostic::new(format!("`{name}` is of the type {other}: neither numbers nor words"))),
    }
}

/// A column for each word, in order of their names: 1 where it stands, 0 where another one does, NaN where there
/// is none.
pub(super) fn columns(name: &str, words: &[Option<String>]) -> Result<Vec<(String, Column)>> {
    let mut named: BTreeMap<String, &str> = BTreeMap::new();
    for word in words.iter().flatten().filter(|word| !word.trim().is_empty()) {
        let column = format!("{name}_{}", plain(word));
        match named.insert(column.clone(), word) {
            Some(other) if other != word => {
                return Err(Diagnostic::new(format!(
                    "`{name}` has the words \"{other}\" and \"{word}\": both would be `{column}`"
                )));
            }
            _ if named.len() > MOST => {
                return Err(Diagnostic::new(format!("`{name}` has more than {MOST} different words: it is text"))
                    .hint("leave the column out, or store numbers"));
            }
            _ => {}
        }
    }
    let value = |own: &str, word: &Option<String>| match word.as_deref().filter(|word| !word.trim().is_empty()) {
        Some(word) => f64::from(own == word),
        None => f64::NAN,
    };
    let column = |own: &str| words.iter().map(|word| value(own, word)).collect::<Column>();
    Ok(named.into_iter().map(|(name, own)| (name, column(own))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_a_column() {
        let words = [Some("Late cycle"), None, Some("recession"), Some(" ")].map(|word| word.map(str::to_owned));
        let [late, recession] = columns("state", &words).unwrap().try_into().unwrap();
        assert_eq!((late.0.as_str(), recession.0.as_str()), ("state_late_cycle", "state_recession"));
        assert_eq!((late.1[0], late.1[2], recession.1[0], recession.1[2]), (1.0, 0.0, 0.0, 1.0));
        assert!([1, 3].iter().all(|row| late.1[*row].is_nan() && recession.1[*row].is_nan()));
    }

    #[test]
    fn words_that_could_not_be_told_apart_and_text_are_refused() {
        let told = |words: Vec<String>| {
            columns("state", &words.into_iter().map(Some).collect::<Vec<_>>()).unwrap_err().to_string()
        };
        assert!(told(vec!["late cycle".into(), "Late-Cycle".into()]).contains("both would be `state_late_cycle`"));
        assert!(told((0..51).map(|word| word.to_string()).collect()).contains("it is text"));
    }
}
