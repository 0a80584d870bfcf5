//! The one actor: its loop, transports, links between the leaves, views.
