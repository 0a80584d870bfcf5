//! One call and the switchboard of many. Knows no SIP word and does no IO.
