//! The parameters of networks by name, named and laid out as PyTorch's `state_dict`.

use std::collections::BTreeMap;
use std::fmt::Debug;

use burn_core::tensor::{DType, Device, Gradients, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::{Diagnostic, Result};

/// A tensor of `f32` from numbers in rows; a mismatch of count and shape is a mistake in our code.
pub fn matrix(values: Vec<f32>, shape: [usize; 2], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, shape), (device, DType::F32))
}

/// A tensor's numbers, row by row.
///
/// # Errors
/// Where the device fails to give them.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let failed = |error: &dyn Debug| Diagnostic::new(format!("a tensor could not be read: {error:?}"));
    let data = tensor.try_into_data().map_err(|error| failed(&error))?;
    data.try_into_vec().map_err(|error| failed(&error))
}

/// Parameters by name, in order of their names.
///
/// Each is kept flat beside its shape, so that an optimiser treats all alike.
#[derive(Clone, Debug, Default)]
pub struct StateDict {
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    shape: Vec<usize>,
    flat: Tensor<1>,
}

impl StateDict {
    /// Adds a parameter, or replaces the one of its name.
    ///
    /// # Errors
    /// Where the count of values is not that of the shape.
    pub fn insert(&mut self, name: &str, shape: &[usize], values: Vec<f32>, device: &Device) -> Result<()> {
        if values.len() != shape.iter().product::<usize>() {
            return Err(Diagnostic::new(format!("tensor `{name}` of shape {shape:?} has {} values", values.len())));
        }
        let data = TensorData::new(values, [shape.iter().product::<usize>()]);
        let flat = Tensor::from_data(data, (device, DType::F32));
        self.entries.insert(name.into(), Entry { shape: shape.into(), flat });
        Ok(())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The names with their shapes, in order.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.entries.iter().map(|(name, entry)| (name.as_str(), entry.shape.as_slice()))
    }

    /// Whether there is a parameter of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// A parameter as a matrix; one of one dimension is a single row.
    ///
    /// # Errors
    /// Where there is none of this name, or it has more than two dimensions.
    pub fn matrix(&self, name: &str) -> Result<Tensor<2>> {
        let entry = self.entry(name)?;
        let shape = match entry.shape[..] {
            [columns] => [1, columns],
            [rows, columns] => [rows, columns],
            _ => return Err(Diagnostic::new(format!("tensor `{name}` of shape {:?} is no matrix", entry.shape))),
        };
        Ok(entry.flat.clone().reshape(shape))
    }

    /// A parameter's numbers, row by row.
    ///
    /// # Errors
    /// Where there is none of this name.
    pub fn flat(&self, name: &str) -> Result<Tensor<1>> {
        Ok(self.entry(name)?.flat.clone())
    }

    fn entry(&self, name: &str) -> Result<&Entry> {
        let missing = || Diagnostic::new(format!("there is no tensor `{name}`")).did_you_mean(name, self.names());
        self.entries.get(name).ok_or_else(missing)
    }

    /// The same parameters, those that `trained` names ready for a backward pass.
    #[must_use]
    pub fn tracked(&self, trained: impl Fn(&str) -> bool) -> Self {
        let mut copy = self.clone();
        for (name, entry) in &mut copy.entries {
            if trained(name) {
                entry.flat = entry.flat.clone().autodiff().require_grad();
            }
        }
        copy
    }

    /// The gradient of each tracked parameter that the loss depends on, in order of their names.
    pub fn gradients(&self, gradients: &mut Gradients) -> Vec<(String, Tensor<1>)> {
        let found = |(name, entry): (&String, &Entry)| Some((name.clone(), entry.flat.grad_remove(gradients)?));
        self.entries.iter().filter_map(found).collect()
    }

    /// Replaces a parameter's numbers by a function of them.
    ///
    /// # Errors
    /// Where there is none of this name.
    pub fn update(&mut self, name: &str, new: impl FnOnce(Tensor<1>) -> Tensor<1>) -> Result<()> {
        let flat = new(self.entry(name)?.flat.clone());
        if let Some(entry) = self.entries.get_mut(name) {
            entry.flat = flat;
        }
        Ok(())
    }

    /// As a safetensors file.
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    pub fn to_safetensors(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for (name, entry) in &self.entries {
            let flat: Vec<u8> = values(entry.flat.clone())?.into_iter().flat_map(f32::to_le_bytes).collect();
            bytes.push((name, &entry.shape, flat));
        }
        let views: Result<Vec<_>, _> = bytes
            .iter()
            .map(|(name, shape, flat)| Ok((name.as_str(), TensorView::new(Dtype::F32, (*shape).clone(), flat)?)))
            .collect();
        views
            .and_then(|views| safetensors::serialize(views, None))
            .map_err(|error| Diagnostic::new(format!("the weights could not be written: {error}")))
    }

    /// From a safetensors file of `F32` tensors.
    ///
    /// # Errors
    /// Where the bytes are no such file.
    pub fn from_safetensors(bytes: &[u8], device: &Device) -> Result<Self> {
        let file = SafeTensors::deserialize(bytes)
            .map_err(|error| Diagnostic::new(format!("no safetensors file: {error}")))?;
        let mut state = Self::default();
        for (name, view) in file.iter() {
            if view.dtype() != Dtype::F32 {
                return Err(Diagnostic::new(format!("tensor `{name}` is {:?}, but F32 is needed", view.dtype())));
            }
            let (chunks, _) = view.data().as_chunks::<4>();
            let values = chunks.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            state.insert(name, view.shape(), values, device)?;
        }
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let device = Device::flex();
        let mut state = StateDict::default();
        state.insert("b", &[2, 3], vec![1.0, -2.5, 3.0, 1e-30, f32::MAX, 0.0], &device).unwrap();
        state.insert("a", &[2], vec![7.0, 8.0], &device).unwrap();
        let bytes = state.to_safetensors().unwrap();
        let again = StateDict::from_safetensors(&bytes, &device).unwrap();
        assert_eq!(again.shapes().collect::<Vec<_>>(), vec![("a", &[2][..]), ("b", &[2, 3][..])]);
        assert_eq!(values(again.flat("b").unwrap()).unwrap(), [1.0, -2.5, 3.0, 1e-30, f32::MAX, 0.0]);
        assert_eq!(again.to_safetensors().unwrap(), bytes);
        assert!(StateDict::from_safetensors(&bytes[..40], &device).is_err());
        assert!(state.insert("c", &[2], vec![1.0], &device).is_err());
    }
}
