-- How a server is reached over WebSocket, and the one certificate it may show.
ALTER TABLE account ADD COLUMN ws_path TEXT;
ALTER TABLE account ADD COLUMN pinned_certificate TEXT;
