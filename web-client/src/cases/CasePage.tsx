import { lazy } from '../app/lazy';
import type { CaseFull } from '../protocol/generated/protocol';
import { Shown, useLoad } from '../ui/load';
import { IntakePage } from './IntakePage';

const RecordPage = lazy<{ full: CaseFull }>(() => import('../records/RecordPage'));

function Known({ id, intake }: { id: string; intake: boolean }) {
  const loaded = useLoad<CaseFull>(`/api/cases/${id}`);
  return (
    <Shown of={loaded} what="case">
      {(full) => (full.plans.some((plan) => plan.state !== 'draft') && !intake ? <RecordPage full={full} /> : <IntakePage full={full} again={loaded.again} />)}
    </Shown>
  );
}

/** One address for life: intake until there is a signed plan, the record afterwards. */
export default function CasePage({ id, intake = false }: { id: string; intake?: boolean }) {
  return id === 'new' ? <IntakePage /> : <Known id={id} intake={intake} />;
}
