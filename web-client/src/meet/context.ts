import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Room } from './control';

const Context = createContext<Room | null>(null);
export const RoomProvider = Context.Provider;

export function useRoom(): Room {
  const room = useContext(Context);
  if (!room) throw new Error('outside the room');
  return room;
}

/** True while the media query holds. */
export function useMedia(query: string): boolean {
  const [is, setIs] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const m = matchMedia(query);
    const change = (): void => setIs(m.matches);
    change();
    m.addEventListener('change', change);
    return () => m.removeEventListener('change', change);
  }, [query]);
  return is;
}
