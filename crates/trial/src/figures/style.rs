//! Colours and type of the figures, light and dark.

/// The style sheet that every page with figures carries. Variables first, so that a page may use
/// the same colours.
pub const STYLE: &str = "
:root{--paper:#ffffff;--ground:#f5f6f4;--ink:#1c2733;--muted:#5b6875;--hair:#dfe3e6;--axis:#a9b3bb;
--very-low:#8b1a35;--low:#d95f5f;--target:#2a9d8f;--high:#f0b93a;--very-high:#dd7222;
--on-very-low:#fff;--on-low:#fff;--on-target:#fff;--on-high:#3a2a00;--on-very-high:#fff;
--curve:#1d4f8c;--curve-mid:#7fa9d8;--curve-wide:#cfdff0;--zone:#e3f3f0;
--arm-0:#0067a5;--arm-1:#c8500a;--arm-2:#7b3f98;--arm-3:#4b7a12;
--insulin:#3c63a8;--insulin-soft:#b9c9e6;--meal:#7a5a14;
--mode-full:#2a9d8f;--mode-limited:#6fb3d9;--mode-background:#e0a526;--mode-suspend:#cf5442;
--mode-stop:#1c2733;--mode-manual:#8f99a3;--good:#1b7f5c;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--paper:#171d24;--ground:#0f1419;--ink:#e8edf1;
--muted:#9aa8b5;--hair:#2b343d;--axis:#5a6773;
--very-low:#c23a5a;--low:#ea8585;--target:#3bb3a3;--high:#f3c75c;--very-high:#ee8e45;
--on-very-low:#fff;--on-low:#2b0b0b;--on-target:#04211d;--on-high:#3a2a00;--on-very-high:#2e1400;
--curve:#a9cdf7;--curve-mid:#44698f;--curve-wide:#263c54;--zone:#17302f;
--arm-0:#5cb3ea;--arm-1:#f29559;--arm-2:#c793e0;--arm-3:#a5cf63;
--insulin:#8fb0ec;--insulin-soft:#2f4469;--meal:#dcb765;
--mode-full:#3bb3a3;--mode-limited:#5f9fc7;--mode-background:#e0b04d;--mode-suspend:#e27260;
--mode-stop:#e8edf1;--mode-manual:#7d8892;--good:#5cc79f;--bad:#f28b82}}
@media print{:root{--paper:#fff;--ground:#fff;--ink:#111;--muted:#444;--hair:#ddd;--axis:#999;
--very-low:#8b1a35;--low:#d95f5f;--target:#2a9d8f;--high:#f0b93a;--very-high:#dd7222;
--on-very-low:#fff;--on-low:#fff;--on-target:#fff;--on-high:#3a2a00;--on-very-high:#fff;
--curve:#1d4f8c;--curve-mid:#7fa9d8;--curve-wide:#cfdff0;--zone:#e3f3f0;
--arm-0:#0067a5;--arm-1:#c8500a;--arm-2:#7b3f98;--arm-3:#4b7a12;
--insulin:#3c63a8;--insulin-soft:#b9c9e6;--meal:#7a5a14;--mode-full:#2a9d8f;
--mode-limited:#6fb3d9;--mode-background:#e0a526;--mode-suspend:#cf5442;--mode-stop:#1c2733;
--mode-manual:#8f99a3;--good:#1b7f5c;--bad:#b3261e}}
.figure{display:block;width:100%;height:auto;
font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;
font-variant-numeric:tabular-nums}
.figure text{fill:var(--ink);font-size:12px}
.figure .small{font-size:11px}.figure .tiny{font-size:10px}.figure .muted{fill:var(--muted)}
.figure .strong{font-weight:650}.figure .big{font-size:15px;font-weight:650}
.figure .grid{stroke:var(--hair);stroke-width:1}.figure .axis{stroke:var(--axis);stroke-width:1}
.figure .limit{stroke:var(--target);stroke-width:1.3}
.figure .limit-far{stroke:var(--muted);stroke-width:1;stroke-dasharray:4 3;opacity:.75}
.figure .aim{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:2.5 2.5}
.figure .zone{fill:var(--zone)}.figure .ground{fill:var(--ground)}
.figure .very-low{fill:var(--very-low)}.figure .low{fill:var(--low)}
.figure .target{fill:var(--target)}.figure .high{fill:var(--high)}
.figure .very-high{fill:var(--very-high)}
.figure .on-very-low{fill:var(--on-very-low)}.figure .on-low{fill:var(--on-low)}
.figure .on-target{fill:var(--on-target)}.figure .on-high{fill:var(--on-high)}
.figure .on-very-high{fill:var(--on-very-high)}
.figure .wide{fill:var(--curve-wide)}.figure .mid{fill:var(--curve-mid)}
.figure .median{fill:none;stroke:var(--curve);stroke-width:2.4;stroke-linejoin:round}
.figure .thin{fill:none;stroke:var(--curve);stroke-width:1;opacity:.55}
.figure .trace{fill:none;stroke:var(--curve);stroke-width:1.8;stroke-linejoin:round}
.figure .dots{fill:none;stroke:var(--muted);stroke-width:2.2;stroke-linecap:round;opacity:.6}
.figure .arm-0{fill:var(--arm-0)}.figure .arm-1{fill:var(--arm-1)}
.figure .arm-2{fill:var(--arm-2)}.figure .arm-3{fill:var(--arm-3)}
.figure .point{stroke:var(--paper);stroke-width:1;fill-opacity:.88}
.figure .cell-a{fill:var(--target);opacity:.42}.figure .cell-b{fill:var(--target);opacity:.2}
.figure .cell-c{fill:var(--high);opacity:.28}.figure .cell-d{fill:var(--very-high);opacity:.34}
.figure .cell-e{fill:var(--very-low);opacity:.38}
.figure .basal{fill:var(--insulin-soft)}.figure .bolus{fill:var(--insulin)}
.figure .cap{fill:none;stroke:var(--insulin);stroke-width:1;stroke-dasharray:3 3}
.figure .effect{fill:none;stroke:var(--arm-1);stroke-width:1.8;stroke-linejoin:round}
.figure .estimate{fill:none;stroke:var(--arm-2);stroke-width:1.3;stroke-dasharray:5 3}
.figure .goal{fill:none;stroke:var(--muted);stroke-width:1;stroke-dasharray:2 3}
.figure .stimulus{fill:var(--high);opacity:.55}.figure .alarm{fill:var(--bad)}
.figure .meal{fill:var(--meal)}
.figure .meal-open{fill:var(--paper);stroke:var(--meal);stroke-width:1.4}
.figure .mode-full{fill:var(--mode-full)}.figure .mode-limited{fill:var(--mode-limited)}
.figure .mode-background{fill:var(--mode-background)}
.figure .mode-suspend{fill:var(--mode-suspend)}.figure .mode-stop{fill:var(--mode-stop)}
.figure .mode-manual{fill:var(--mode-manual)}
.figure .good{fill:var(--good)}.figure .bad{fill:none;stroke:var(--bad);stroke-width:2}
.figure .tick-good{fill:none;stroke:var(--good);stroke-width:2;stroke-linecap:round}
.figure .badge{fill:var(--ink)}.figure .on-badge{fill:var(--paper);font-weight:650}
";
