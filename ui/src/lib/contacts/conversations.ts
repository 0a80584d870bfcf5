// The messages by the person they were exchanged with. Pure.
import type { MessageView } from '../api';

export interface Talk {
  peer: string;
  last: MessageView;
  unseen: number;
}

/** One for each peer, the latest first. `messages` is newest first. */
export function conversations(messages: MessageView[]): Talk[] {
  const talks = new Map<string, Talk>();
  for (const message of messages) {
    const talk = talks.get(message.peer) ?? { peer: message.peer, last: message, unseen: 0 };
    if (message.unseen) talk.unseen += 1;
    talks.set(message.peer, talk);
  }
  return [...talks.values()];
}
