//! The example strategies: that they are what they say, with these nodes.
