/** The meeting room. */
export default function Room({ meeting }: { meeting: string }) {
  return <main id="main" class="page"><h1>Meeting</h1><p class="note">{meeting}</p></main>;
}
