import OpenSeadragon from 'openseadragon';
import type { Spec } from '../../../src/domain/spec.ts';
import { painter } from '../explore/painter.ts';
import { isStill } from '../explore/still.ts';
import { fullLevel, TILE, tileOf } from './pyramid.ts';

/** What OpenSeadragon hands over for a tile; its types leave it open. */
interface TileJob {
  readonly tile: { readonly level: number; readonly x: number; readonly y: number };
  readonly userData: { cancel?: () => void };
  finish(data: unknown, request: unknown, type: string): void;
  fail(reason: string, request: unknown): void;
}

export interface Zoom {
  readonly by: (factor: number) => void;
  /** @param dx, dy shares of what is in sight */
  readonly move: (dx: number, dy: number) => void;
  readonly home: () => void;
  readonly close: () => void;
}

/** OpenSeadragon writes a style into the page, which its policy forbids, unless it finds one that bears this mark: in a namespace of no meaning it is none. */
function keepStylesOut(): void {
  const mark = 'data-openseadragon-mobile-css';
  if (document.querySelector(`style[${mark}]`)) return;
  const nothing = document.createElementNS('urn:faafo:nothing', 'style');
  nothing.setAttribute(mark, '');
  document.head.append(nothing);
}

/**
 * A picture of any size to go about in: its tiles are drawn here, by the farm's own kernel, instead of being loaded.
 * @param onFull is told whether the full size, or more, is in sight
 */
export function openZoom(element: HTMLElement, spec: Spec, onFull: (isFull: boolean) => void): Zoom {
  const maxLevel = fullLevel(spec);
  const source = {
    width: spec.width,
    height: spec.height,
    tileSize: TILE,
    tileOverlap: 0,
    minLevel: Math.min(7, maxLevel),
    maxLevel,
    getTileUrl: (level: number, x: number, y: number) => `tile:${level}/${x}/${y}`,
    downloadTileStart(job: TileJob): void {
      const { level, x, y } = job.tile;
      const { spec: piece, grid } = tileOf(spec, level, x, y);
      const { image, cancel } = painter.paint(piece, spec.viewport, grid);
      job.userData.cancel = cancel;
      void image.then((bitmap) => {
        if (!bitmap) {
          job.fail('It was wanted no more, or cannot be drawn.', null);
          return;
        }
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
        const context = canvas.getContext('2d', { alpha: false })!;
        context.drawImage(bitmap, 0, 0);
        bitmap.close();
        job.finish(context, null, 'context2d');
      });
    },
    downloadTileAbort(job: TileJob): void {
      job.userData.cancel?.();
    },
  };
  keepStylesOut();
  const viewer = OpenSeadragon({
    element,
    // Of two dimensions: its pixels are those that were drawn.
    drawer: 'canvas',
    tileSources: source as unknown as OpenSeadragon.TileSourceOptions,
    showNavigationControl: false,
    // The page's own keys do what the list of keys says.
    tabIndex: -1,
    imageSmoothingEnabled: false,
    immediateRender: false,
    minZoomImageRatio: 1,
    maxZoomPixelRatio: 8,
    visibilityRatio: 1,
    constrainDuringPan: true,
    animationTime: isStill() ? 0 : 0.5,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    timeout: 600_000,
  });
  viewer.addHandler('canvas-key', (event) => {
    event.preventDefaultAction = true;
  });
  const judge = (): void => {
    const item = viewer.world.getItemAt(0);
    if (item) onFull(item.viewportToImageZoom(viewer.viewport.getZoom(true)) >= 0.99);
  };
  viewer.addHandler('animation', judge);
  viewer.addHandler('animation-finish', judge);
  viewer.addHandler('open', judge);
  return {
    by: (factor) => {
      viewer.viewport.zoomBy(factor);
      viewer.viewport.applyConstraints();
    },
    move: (dx, dy) => {
      const { width, height } = viewer.viewport.getBounds();
      viewer.viewport.panBy(new OpenSeadragon.Point(dx * width, dy * height));
      viewer.viewport.applyConstraints();
    },
    home: () => viewer.viewport.goHome(),
    close: () => viewer.destroy(),
  };
}
