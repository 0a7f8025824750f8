// What the page does beside standing there. Without this script it still shows and stops.

import * as chart from "./chart.js";
import * as live from "./live.js";
import * as panel from "./panel.js";

live.start(() => chart.load().catch(() => {}));
panel.start();
chart.start();
