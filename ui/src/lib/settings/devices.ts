// The sound devices a person may choose from, the system's own choice first.
import type { SoundRole, SoundView } from '../api';
import { t } from '../words';

export interface DeviceChoice {
  /** Absent: as the system has it. */
  id: string | undefined;
  name: string;
  chosen: boolean;
  /** Chosen once, not plugged in now. */
  missing: boolean;
}

export function choices(sound: SoundView, role: SoundRole): DeviceChoice[] {
  const wanted = sound[role];
  const devices = role === 'microphone' ? sound.inputs : sound.outputs;
  const list: DeviceChoice[] = [{ id: undefined, name: t('device-system'), chosen: wanted === undefined, missing: false }];
  for (const d of devices) list.push({ id: d.id, name: d.name, chosen: d.id === wanted, missing: false });
  if (wanted !== undefined && !devices.some((d) => d.id === wanted)) list.push({ id: wanted, name: t('device-missing', { device: wanted }), chosen: true, missing: true });
  return list;
}

/** The name of the chosen one. */
export const chosenName = (sound: SoundView, role: SoundRole): string => choices(sound, role).find((c) => c.chosen)?.name ?? t('device-system');
