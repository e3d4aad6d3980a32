/** The three live regions of the room. */
import { useRoom } from './context';

export function Announce() {
  const { regions } = useRoom().say;
  return (
    <>
      <div class="hide" aria-live="assertive" role="alert">{regions.you}</div>
      <div class="hide" aria-live="polite" role="status">{regions.plan}</div>
      <div class="hide" aria-live="polite" role="log">{regions.room}</div>
    </>
  );
}
