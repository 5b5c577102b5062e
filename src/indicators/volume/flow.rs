//! Where a bar closed in its range, times what was traded.

/// The part of the volume that counts as bought less that which counts as sold: all of it for a
/// close at the high, none of it for a close in the middle or a bar without a range.
#[inline(always)]
pub fn money_flow([high, low, close, volume]: [f64; 4]) -> f64 {
    let range = high - low;
    if range > 0.0 { ((close - low) - (high - close)) / range * volume } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::money_flow;

    #[test]
    fn goes_from_all_sold_to_all_bought() {
        let flows = [10.0, 9.0, 8.0].map(|close| money_flow([10.0, 8.0, close, 6.0]));
        assert_eq!(flows, [6.0, 0.0, -6.0]);
        assert_eq!(money_flow([8.0, 8.0, 8.0, 6.0]), 0.0);
    }
}
