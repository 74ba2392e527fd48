import type { FractalResource } from '../../src/http/schemas.ts';

/** The fractal of the documented example, as the API tells it; override what matters to the test. */
export function aResource(override: Partial<FractalResource> = {}): FractalResource {
  return {
    uuid: '154c7b41-108e-4696-a059-1bde9bf03d0a',
    url: '/fractal/154c7b41-108e-4696-a059-1bde9bf03d0a',
    state: 'done',
    progress: 1,
    checksum: '103c056f709b86f5487a24dd977d3ab88fe093791f4f6b6d1c8924d122031902',
    size: 71_585,
    duration: 4.163147,
    generated_by: 'app-worker-1',
    formula: 'julia',
    width: 649,
    height: 869,
    iterations: 362,
    xa: -1.77488588389,
    xb: 3.08249829401,
    ya: -1.31213919301,
    yb: 1.95281690897,
    c_re: -0.8,
    c_im: 0.156,
    c_source: 'given',
    seed: null,
    power: 2,
    palette: 'classic',
    density: 1,
    offset: 0,
    interior: null,
    shade: 0,
    samples: 1,
    bands: 3,
    created_at: '2026-04-02T03:55:02.000Z',
    finished_at: null,
    error: null,
    ...override,
  };
}
