//! A loop whose sensor and pump speak in the words of Bluetooth's services, carried by the links: real
//! processes, and a network that is cut for a while.

mod bed;

use bed::{Bed, SPEED, boxes_verify_and_replay, fine, homeostat, start};
use serde_json::Value;
use std::process::Stdio;

/// The link of a part, as the device's status has it.
fn link<'v>(status: &'v Value, part: &str) -> &'v Value {
    let links = status["links"].as_array().expect("a list");
    links.iter().find(|link| link["part"] == part).expect("the part is known")
}

#[test]
fn iop_08_iop_09_iop_10_a_loop_runs_by_what_bluetooths_services_say_in_the_link() {
    let bed = Bed::of("bluetooth", &["--bluetooth"]);
    let refused = homeostat(&["device", "new", "--bluetooth", "--therapy", "propofol"])
        .args(["--dir", &bed.at("none")])
        .stderr(Stdio::null())
        .status();
    assert_eq!(refused.expect("it can be started").code(), Some(2));
    let (_sensor, _pump) = (bed.peer("sensor"), bed.peer("pump"));
    let mut device = start(&["device", "run", "--dir", bed.path(), "--speed", SPEED]);
    bed.to_automatic();
    let status = bed.until(
        "told of an order by the pump's history",
        |status| {
            let said = &link(status, "actuator")["service"];
            said["history"].to_string().contains("Controller")
        },
        Bed::operate,
    );
    let (sensor, pump) = (link(&status, "sensor"), link(&status, "actuator"));
    assert_eq!((&sensor["state"], &sensor["unusable"]), (&"live".into(), &0.into()), "{status}");
    let said = &pump["service"];
    assert_eq!((&said["therapy"], &said["operational"]), (&"Run".into(), &"Ready".into()));
    assert!(said["reservoir_thousandths"].as_u64().is_some_and(|left| left > 100_000), "{said}");
    assert!(said["history"][0][1].as_str().is_some_and(|e| e.starts_with("ReferenceTime")));
    fine(&["device", "stop", "--end", "--dir", bed.path()]);
    assert!(device.0.wait().expect("it ends").success());
    let replayed = boxes_verify_and_replay(&bed.dir);
    assert!(replayed.starts_with("equal: "), "{replayed}");
}
