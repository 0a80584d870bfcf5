// The sound devices a person may choose from, the system's own choice first.
import type { SoundDevice, SoundRole, SoundView } from '../api';
import { t } from '../words';

export interface DeviceChoice {
  /** Absent: as the system has it; for the second device that rings: none. */
  id: string | undefined;
  name: string;
  chosen: boolean;
  /** Chosen once, not plugged in now. */
  missing: boolean;
}

/** What is wanted for a role, the most wanted first. */
export const order = (sound: SoundView, role: SoundRole): SoundDevice[] => sound.orders.find((o) => o.role === role)?.devices ?? [];

/** Everything plugged in that serves the role. */
export const present = (sound: SoundView, role: SoundRole): SoundDevice[] => (role === 'microphone' ? sound.inputs : sound.outputs);

export function choices(sound: SoundView, role: SoundRole): DeviceChoice[] {
  const wanted = order(sound, role);
  const devices = present(sound, role);
  const first = wanted[0]?.id;
  const none = t(role === 'second_ring' ? 'device-second-none' : 'device-system');
  const list: DeviceChoice[] = [{ id: undefined, name: none, chosen: first === undefined, missing: false }];
  for (const d of devices) list.push({ id: d.id, name: d.name, chosen: d.id === first, missing: false });
  for (const d of wanted) if (!devices.some((other) => other.id === d.id)) list.push({ id: d.id, name: t('device-missing', { device: d.name }), chosen: d.id === first, missing: true });
  return list;
}

/** The name of the chosen one. */
export const chosenName = (sound: SoundView, role: SoundRole): string => choices(sound, role).find((c) => c.chosen)?.name ?? t('device-system');

/** The name of what is heard or spoken into now. */
export const usedName = (sound: SoundView, role: SoundRole): string => sound.inUse.find((u) => u.role === role)?.device.name ?? chosenName(sound, role);
