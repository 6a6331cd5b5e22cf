"""Line icons on a 24 by 24 grid, drawn for Comity: one path each."""

PATHS = {
    "alert": "M12 4 2.5 20h19zM12 10v4M12 17v.5",
    "bell": "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4",
    "book": "M4 5a3 3 0 0 1 3-2h13v16H7a3 3 0 0 0-3 2zM4 5v16",
    "box": "M3 8l9-5 9 5v8l-9 5-9-5zM3 8l9 5 9-5M12 13v8",
    "cart": "M3 4h3l2 11h10l2-7H7M10 20h.01M17 20h.01",
    "chat": "M4 5h16v11H9l-5 4z",
    "check": "M4 12.5l5 5L20 6.5",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3.5 2",
    "clip": "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.5a2 2 0 0 1-3-3L14 7",
    "coin": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 9.5h4.5a2 2 0 0 1 0 5H9M11 7v10",
    "cross": "M6 6l12 12M18 6L6 18",
    "home": "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
    "pause": "M8 5v14M16 5v14",
    "pen": "M4 20l1-5L16 4l4 4L9 19zM13.5 6.5l4 4",
    "question": "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.5",
    "scale": "M12 4v16M6 20h12M5 7h14M5 7l-3 6h6zM19 7l-3 6h6z",
    "star": "M12 4l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
    "truck": "M3 7h11v9H3zM14 10h4l3 3v3h-7M7 19h.01M17 19h.01",
    "undo": "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4",
}
