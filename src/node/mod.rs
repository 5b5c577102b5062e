//! What a node is: its [`Spec`], its parameters, the traits of its code, and the registry.
//!
//! A node is an indicator, a model, an exit or a sizer. Its Spec says everything that others need
//! to know of it; from the Spec come the script's binding, the checks of what a person gave, the
//! messages, and the reference page. Its code is a small state machine behind a trait.

mod bind;
mod entry;
mod exit;
mod indicator;
mod input;
mod model;
mod ranges;
mod reference;
mod registry;
mod sizer;
mod spec;
mod sweep;

pub use bind::{bind_call, bind_record};
pub use entry::{ReferenceEntry, ReferenceParameter};
pub use exit::{Exit, ExitNode, OpenPosition, Protection, Refusal, Side};
pub use indicator::{Indicator, IndicatorNode, Machine, Row};
pub use input::{Input, inputs};
pub use model::{MakeArchitecture, ModelNode, ModelOutput};
pub use reference::{Family, families, reference};
pub use registry::Registry;
pub use sizer::{PastTrades, Sizer, SizerNode, SizingContext};
pub use spec::{Inputs, Kind, Literal, Parameter, Presence, Spec};
