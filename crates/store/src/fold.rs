//! Spelling for search.
