// Arrows go from cell to cell of a matrix; Home and End to the ends of the row. Tab keeps going through every link.
"use strict";

(() => {
  const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

  const linkAt = (row, column) => row?.cells[column]?.querySelector("a");

  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("[data-matrix] tbody td, [data-matrix] tbody th");
    if (!cell || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const row = cell.parentElement;
    let next = null;
    if (event.key in MOVES) {
      const [down, right] = MOVES[event.key];
      next = linkAt(row.parentElement.rows[row.sectionRowIndex + down], cell.cellIndex + right);
    } else if (event.key === "Home") next = linkAt(row, 0);
    else if (event.key === "End") next = linkAt(row, row.cells.length - 1);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
})();
