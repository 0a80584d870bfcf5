// The desktop shell. The only file that imports Tauri.
import { Channel, invoke } from '@tauri-apps/api/core';
import type { Event, Reply } from '../api';
import type { Backend } from './backend';

export function tauriBackend(): Backend {
  return {
    request: (request) => invoke<Reply>('request', { request }),
    async subscribe(on) {
      const channel = new Channel<Event>();
      let live = true;
      channel.onmessage = (event) => {
        if (live) on(event);
      };
      await invoke('subscribe', { channel });
      return () => {
        live = false;
      };
    },
    hideWindow: () => invoke('hide_window'),
    showWindow: () => invoke('show_window'),
    quit: () => invoke('quit'),
    cardHeight: (height) => invoke('card_height', { height }),
  };
}
