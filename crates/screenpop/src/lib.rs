//! From a call and a rule to "open exactly this": templates, variables, encoding. No IO.
