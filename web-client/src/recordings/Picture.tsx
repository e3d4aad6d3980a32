/** The page that stood, the part of it that was seen, and where the presenter pointed. */
import type { RecordingMoment } from '../protocol/generated/protocol';
import { UNIT } from '../viewer/geometry';
import { fittingLevel, levelSize, tileCount, tileUrl } from '../viewer/tiles';

const PANE = { width: 1000, height: 800 }; // CSS pixels that a page fills at most
const pc = (part: number): string => `${(part * 100).toFixed(3)}%`;

interface PictureProps {
  at: RecordingMoment;
  view: { x: number; y: number; w: number; h: number };
  pointer: { x: number; y: number } | null;
}

/** By the digest of then. All of the view is seen, with more of the page where the shapes differ, as in every seat. */
export function Picture({ at, view, pointer }: PictureProps) {
  if (!at.page || !at.document) return null;
  const shape = at.page.width / at.page.height;
  const w = Math.max(view.w, view.h * shape);
  const h = w / shape;
  const x = view.x + (view.w - w) / 2;
  const y = view.y + (view.h - h) / 2;
  const zoom = UNIT / w;
  const z = fittingLevel(at.page, { width: PANE.width * zoom, height: PANE.height * zoom });
  const size = levelSize(at.page, z);
  const n = tileCount(at.page, z);
  const tiles = [];
  const tile = (512 / size.width) * UNIT; // in the units of the view
  for (let j = 0; j < n.y; j++)
    for (let i = 0; i < n.x; i++)
      if (i * tile < x + w && (i + 1) * tile > x && j * tile < y + h && (j + 1) * tile > y)
        tiles.push(<img key={`${z}.${i}_${j}`} src={tileUrl(at.document, at.page, z, i, j)} alt="" style={`left:${pc((i * tile - x) / w)};top:${pc((j * tile - y) / h)};width:${pc((Math.min(512, size.width - i * 512) / size.width) * zoom)}`} />);
  return (
    <div class="tiled" role="img" aria-label={`${at.title}, page ${at.number}${zoom > 1.02 ? ', a part of it' : ''}`} style={`aspect-ratio:${size.width}/${size.height};width:min(100%,${(70 * shape).toFixed(2)}vh)`}>
      {tiles}
      {pointer && <span class="points" style={`left:${pc((pointer.x - x) / w)};top:${pc((pointer.y - y) / h)}`} />}
    </div>
  );
}
