//! Hands columns to and from `arrow2` over the Arrow C data interface, without a copy.
//!
//! For those who still hold arrow2 arrays; `docs/decisions/arrow-instead-of-arrow2.md` says why the core
//! is not built on it. Together with [`Bars::to_record_batch`](crate::data::Bars::to_record_batch) and
//! [`Bars::from_record_batch`](crate::data::Bars::from_record_batch), bars go both ways.

use std::mem;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::{Array, ArrayRef, make_array};
use arrow2::array::Array as Arrow2Array;
use arrow2::datatypes::Field as Arrow2Field;
use arrow2::ffi::{
    ArrowArray, ArrowSchema, export_array_to_c, export_field_to_c, import_array_from_c, import_field_from_c,
};

use crate::error::{Diagnostic, Result};

/// The same column as an arrow2 array, which shares its memory.
///
/// # Errors
/// Where arrow2 does not know the column's type.
pub fn to_arrow2(array: &dyn Array) -> Result<Box<dyn Arrow2Array>> {
    let (array, schema) = to_ffi(&array.to_data()).map_err(|error| unknown(&error.to_string()))?;
    // SAFETY: the C data interface fixes the layout of its two structs; both crates declare them with
    // `repr(C)` and the same fields, and neither the array nor the schema is used again here, so that
    // each is released once, by its new owner.
    let (array, schema) = unsafe {
        (mem::transmute::<FFI_ArrowArray, ArrowArray>(array), mem::transmute::<FFI_ArrowSchema, ArrowSchema>(schema))
    };
    // SAFETY: `to_ffi` filled both structs as the interface asks, and the schema describes the array.
    let imported =
        unsafe { import_field_from_c(&schema).and_then(|field| import_array_from_c(array, field.data_type().clone())) };
    imported.map_err(|error| unknown(&error.to_string()))
}

/// The same column of an arrow2 array, whose memory it shares.
///
/// # Errors
/// Where Arrow does not know the array's type.
pub fn from_arrow2(array: Box<dyn Arrow2Array>) -> Result<ArrayRef> {
    let schema = export_field_to_c(&Arrow2Field::new("column", array.data_type().clone(), true));
    let array = export_array_to_c(array);
    // SAFETY: as in `to_arrow2`, the other way.
    let (array, schema) = unsafe {
        (mem::transmute::<ArrowArray, FFI_ArrowArray>(array), mem::transmute::<ArrowSchema, FFI_ArrowSchema>(schema))
    };
    // SAFETY: arrow2 filled both structs as the interface asks, and the schema describes the array.
    let data = unsafe { from_ffi(array, &schema) };
    data.map(make_array).map_err(|error| unknown(&error.to_string()))
}

fn unknown(error: &str) -> Diagnostic {
    Diagnostic::new(format!("the column cannot be handed over: {error}"))
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, TimestampMicrosecondType};
    use arrow2::array::PrimitiveArray;
    use arrow2::datatypes::{DataType, TimeUnit};

    use super::*;
    use crate::data::{Bars, Field};
    use crate::time::{Calendar, Timeframe};

    fn bars() -> Bars {
        let column = |first: f64| vec![first, first + 0.25, first + 0.5];
        let fields = [10.0, 12.0, 9.0, 11.0, 1000.0].map(column);
        let timestamps = vec![0, 86_400_000_000, 172_800_000_000];
        Bars::new(Timeframe::DAY, &Calendar::Continuous, timestamps, fields).unwrap()
    }

    #[test]
    fn bars_go_to_arrow2_and_come_back_in_the_same_memory() {
        let bars = bars();
        let batch = bars.to_record_batch().unwrap();
        let handed: Vec<_> = batch.columns().iter().map(|column| to_arrow2(column.as_ref()).unwrap()).collect();
        assert_eq!(handed[0].data_type(), &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
        let close = handed[4].as_any().downcast_ref::<PrimitiveArray<f64>>().unwrap();
        assert_eq!(close.values().as_slice(), [11.0, 11.25, 11.5]);
        assert_eq!(close.values().as_ptr(), bars.field(Field::Close).as_ptr());

        drop(batch);
        let back: Vec<ArrayRef> = handed.into_iter().map(|array| from_arrow2(array).unwrap()).collect();
        let timestamps = back[0].as_primitive::<TimestampMicrosecondType>().values();
        assert_eq!(timestamps, bars.timestamps());
        assert_eq!(timestamps.as_ptr(), bars.timestamps().as_ptr());
        for (array, field) in back[1..].iter().zip(Field::ALL) {
            assert_eq!(array.as_primitive::<Float64Type>().values(), bars.field(field));
        }
    }

    #[test]
    fn an_array_of_arrow2s_own_outlives_its_owner() {
        let own = PrimitiveArray::from_vec(vec![1.5_f64, 2.5, f64::MAX]);
        let pointer = own.values().as_ptr();
        let array = from_arrow2(own.boxed()).unwrap();
        let values = array.as_primitive::<Float64Type>().values().clone();
        drop(array);
        assert_eq!(values.as_ptr(), pointer);
        assert_eq!(values[..], [1.5, 2.5, f64::MAX]);
    }
}
