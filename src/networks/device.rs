//! Where networks are computed: the device, chosen at run time.

use std::fmt;
use std::str::FromStr;

use burn_core::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};

/// A backend of Burn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// Burn's Flex: pure Rust, on the CPU.
    #[default]
    Flex,
    /// `burn-ndarray`, to check the first against: needs the cargo feature `ndarray`.
    Ndarray,
}

impl DeviceKind {
    /// Both.
    pub const ALL: [DeviceKind; 2] = [DeviceKind::Flex, DeviceKind::Ndarray];

    /// Its name on the command line and in artifacts.
    pub fn name(self) -> &'static str {
        ["flex", "ndarray"][self as usize]
    }

    /// Burn's handle.
    ///
    /// # Errors
    /// Where this build does not have the backend.
    pub fn device(self) -> Result<Device> {
        match self {
            DeviceKind::Flex => Ok(Device::flex()),
            DeviceKind::Ndarray => ndarray(),
        }
    }
}

#[cfg(feature = "ndarray")]
fn ndarray() -> Result<Device> {
    // Burn deprecates the backend; that it may go is why it is a feature.
    #[expect(deprecated)]
    Ok(Device::ndarray())
}

#[cfg(not(feature = "ndarray"))]
fn ndarray() -> Result<Device> {
    Err(Diagnostic::new("this build has no device `ndarray`")
        .hint("build with `--features ndarray`, or leave `--device` out for `flex`"))
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DeviceKind {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|device| device.name() == text);
        let names = Self::ALL.map(DeviceKind::name);
        found.ok_or_else(|| Diagnostic::new(format!("there is no device `{text}`")).did_you_mean(text, names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_read_by_its_name() {
        for device in DeviceKind::ALL {
            assert_eq!(device.to_string().parse::<DeviceKind>().unwrap(), device);
        }
        let error = "fles".parse::<DeviceKind>().unwrap_err();
        assert_eq!(error.help(), Some("did you mean `flex`?"));
    }

    #[cfg(not(feature = "ndarray"))]
    #[test]
    fn a_device_that_was_not_built_says_how_to_build_it() {
        assert!(DeviceKind::Ndarray.device().unwrap_err().to_string().contains("--features ndarray"));
    }
}
