#pragma once
// What the HTML report does when it is touched: layouts, overlays, zoom, and the values under the pointer. It reads the
// values back from the drawn paths, so no number is in the file twice.

namespace systolic::report {

inline constexpr const char* html_script = R"js(
'use strict';
(() => {
  const paper = document.querySelector('.paper');
  if (!paper) return;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const data = paper.dataset, mmPerSecond = 25, left = Number(data.left), gain = Number(data.gain);
  const start = Number(data.start), names = data.leads.split(' '), lines = data.lines.split(' ').map(Number);

  // Layout and overlays
  const shown = () => paper.querySelector('.sheet.shown svg');
  const choose = name => {
    all('.sheet').forEach(sheet => sheet.classList.toggle('shown', sheet.dataset.layout === name));
    all('button[data-layout]').forEach(b => b.setAttribute('aria-pressed', String(b.dataset.layout === name)));
    hide();
  };
  all('button[data-layout]').forEach(b => b.addEventListener('click', () => choose(b.dataset.layout)));
  all('input[data-overlay]').forEach(box => {
    const apply = () => paper.classList.toggle('hide-' + box.dataset.overlay, !box.checked);
    box.addEventListener('change', apply);
    apply();
  });

  // Zoom: 1 is true to scale
  let zoom = 1;
  const resize = (next, x = paper.clientWidth / 2, y = paper.clientHeight / 2) => {
    next = Math.min(8, Math.max(0.25, next));
    const ratio = next / zoom;
    const to = [(paper.scrollLeft + x) * ratio - x, (paper.scrollTop + y) * ratio - y];
    zoom = next;
    paper.style.setProperty('--zoom', zoom);
    paper.dataset.zoom = zoom.toFixed(3);
    paper.scrollTo(to[0], to[1]);
    hide();
  };
  const fit = () => paper.clientWidth / (shown().viewBox.baseVal.width * 96 / 25.4);
  all('button[data-zoom]').forEach(b => b.addEventListener('click', () => {
    const kind = b.dataset.zoom;
    resize(kind === 'in' ? zoom * 1.25 : kind === 'out' ? zoom / 1.25 : kind === 'fit' ? fit() : 1);
  }));
  paper.addEventListener('wheel', event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = paper.getBoundingClientRect();
    resize(zoom * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }, {passive: false});

  // Values: a path in hundredths of a millimetre becomes points again
  const cache = new Map();
  const points = id => {
    if (cache.has(id)) return cache.get(id);
    const result = [];
    all('#' + id + ' path').forEach(path => {
      const shift = /translate\(([-\d.]+)/.exec(path.getAttribute('transform') || '');
      const dx = shift ? Number(shift[1]) : 0;
      path.getAttribute('d').split('M').slice(1).forEach(piece => {
        const steps = piece.match(/-?\d+/g).map(Number);
        let x = 0, y = 0;
        const run = [];
        for (let i = 0; i + 1 < steps.length; i += 2) {
          x += steps[i];
          y += steps[i + 1];
          run.push([dx + x / 100, y / 100]);
        }
        result.push(run);
      });
    });
    cache.set(id, result);
    return result;
  };
  const heightAt = (id, x) => {
    for (const run of points(id)) {
      if (run.length === 0 || x < run[0][0] || x > run[run.length - 1][0]) continue;
      let low = 0, high = run.length - 1;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (run[middle][0] <= x) low = middle; else high = middle;
      }
      const [a, b] = [run[low], run[high]];
      return b[0] > a[0] ? a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0]) : a[1];
    }
    return null;
  };
  const cells = svg => svg.dataset.cells.split(';').map(text => {
    const [lead, from, to, y] = text.split(',').map(Number);
    return {lead, from, to, y};
  });
  const map = data.map ? Uint8Array.from(atob(data.map), c => c.charCodeAt(0)) : null;
  const mapAt = (lead, second) => {
    if (!map) return null;
    const bin = Math.floor((second - Number(data.mapFrom)) / 0.02), bins = map.length / 12;
    return bin < 0 || bin >= bins ? null : map[bin * 12 + lead] / 255 * Number(data.mapTop);
  };

  // The cursor
  const readout = document.querySelector('.readout');
  const hint = readout.textContent;
  const ns = 'http://www.w3.org/2000/svg';
  let cursor = null;
  function hide() {
    if (cursor) cursor.remove();
    cursor = null;
    readout.textContent = hint;
  }
  const show = (svg, x, y) => {
    const second = (x - left) / mmPerSecond;
    let best = null;
    for (const cell of cells(svg))
      if (second >= cell.from && second <= cell.to && (!best || Math.abs(cell.y - y) < Math.abs(best.y - y))) best = cell;
    const height = best ? heightAt('t' + best.lead, x - left) : null;
    if (height === null) return hide();
    if (!cursor || cursor.ownerSVGElement !== svg) {
      if (cursor) cursor.remove();
      cursor = svg.appendChild(document.createElementNS(ns, 'g'));
      cursor.setAttribute('class', 'cursor');
      cursor.setAttribute('pointer-events', 'none');
      const line = cursor.appendChild(document.createElementNS(ns, 'path'));
      line.setAttribute('stroke', '#222');
      line.setAttribute('stroke-width', '0.15');
      const dot = cursor.appendChild(document.createElementNS(ns, 'circle'));
      dot.setAttribute('r', '0.9');
      dot.setAttribute('fill', '#7a1f00');
    }
    const box = svg.viewBox.baseVal;
    cursor.firstChild.setAttribute('d', 'M' + x.toFixed(2) + ' 3V' + (box.height - 4).toFixed(2));
    cursor.lastChild.setAttribute('cx', x.toFixed(2));
    cursor.lastChild.setAttribute('cy', (best.y + height).toFixed(2));
    const millivolts = value => (lines[best.lead] - value / gain).toFixed(3).replace('-', '\u2212') + ' mV';
    const restored = heightAt('r' + best.lead, x - left), heat = mapAt(best.lead, second);
    readout.textContent = '';
    readout.appendChild(document.createElement('b')).textContent = names[best.lead];
    readout.append(' ' + (start + second).toFixed(3) + ' s \u00b7 ' + millivolts(height) +
      (restored === null ? '' : ' \u00b7 restored ' + millivolts(restored)) +
      (heat === null ? '' : ' \u00b7 map ' + heat.toFixed(2)));
  };
  const follow = event => {
    const svg = shown();
    if (!svg || !svg.contains(event.target)) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    show(svg, at.x, at.y);
  };
  paper.addEventListener('pointermove', follow);
  paper.addEventListener('pointerdown', follow);
  paper.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') hide(); });

  // From a finding to its place; the layout changes where it does not show the place
  const go = (lead, from, to) => {
    const middle = (from + to) / 2, holds = c => c.lead === lead && c.from <= middle && middle <= c.to;
    if (!cells(shown()).some(holds)) choose(all('.sheet').pop().dataset.layout);
    if (zoom < 1.5) resize(2);
    const svg = shown(), cell = cells(svg).find(holds), scale = zoom * 96 / 25.4;
    const x = left + middle * mmPerSecond;
    paper.scrollTo(x * scale - paper.clientWidth / 2, cell.y * scale - paper.clientHeight / 2);
    paper.scrollIntoView({block: 'nearest'});
    show(svg, x, cell.y);
  };
  all('button.go').forEach(b => b.addEventListener('click', () =>
    go(Number(b.dataset.lead), Number(b.dataset.from), Number(b.dataset.to))));

  all('button.all').forEach(b => b.addEventListener('click', () => {
    all('tbody.more').forEach(rows => { rows.hidden = false; });
    b.remove();
  }));

  document.documentElement.classList.add('ready');
  resize(fit() < 0.75 ? 0.75 : Math.min(1, fit()));
})();
)js";

}  // namespace systolic::report
